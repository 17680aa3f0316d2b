package io.github.microsam.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.io.LabelFile;
import io.github.microsam.io.LabelFormat;
import io.github.microsam.io.LabelledImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageLabelDatasetTest {
  private static final int W = 24;
  private static final int H = 16;

  @TempDir private Path folder;
  private Path images;
  private Path labels;

  @BeforeEach
  void makeFolders() throws IOException {
    images = Files.createDirectories(folder.resolve("images"));
    labels = Files.createDirectories(folder.resolve("labels"));
  }

  /** An image whose pixels are their index modulo 251, with one object of some size. */
  private void write(String name, int objectSide) throws IOException {
    BufferedImage image = new BufferedImage(W, H, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < W * H; i++) {
      image.getRaster().setSample(i % W, i / W, 0, i % 251);
    }
    ImageIO.write(image, "png", images.resolve(name + ".png").toFile());
    LabelFile.write(labels.resolve(name + ".tif"), square(objectSide));
  }

  private static RandomAccessibleInterval<UnsignedIntType> square(int side) {
    return ArrayImgs.unsignedInts(squarePixels(side), W, H);
  }

  private static int[] squarePixels(int side) {
    return IntStream.range(0, W * H)
        .map(i -> i % W >= 2 && i % W < 2 + side && i / W >= 3 && i / W < 3 + side ? 9 : 0)
        .toArray();
  }

  private ImageLabelDataset open() {
    return ImageLabelDataset.open(images, labels, DatasetOptions.defaults());
  }

  @Test
  void imagesAndLabelsAreReadAsTheyAre() throws IOException {
    write("b", 6);
    write("a", 5);
    ImageLabelDataset dataset =
        ImageLabelDataset.open(
            images, labels, DatasetOptions.defaults().withIntensities(Intensities.AS_IS));
    assertEquals(2, dataset.size());
    assertEquals("a.png", dataset.name(0));
    LabelledPlane plane = dataset.plane(1);
    assertArrayEquals(squarePixels(6), plane.labels());
    for (int i = 0; i < W * H; i++) {
      assertEquals(i % 251, plane.image().pixels()[i] & 0xff, "pixel " + i);
    }
  }

  @Test
  void withoutCachePlanesAreReadAgainAndTheSame() throws IOException {
    write("a", 5);
    LabelledPlane cached = open().plane(0);
    LabelledPlane again =
        ImageLabelDataset.open(images, labels, DatasetOptions.defaults().withCacheBytes(0))
            .plane(0);
    assertArrayEquals(cached.labels(), again.labels());
    assertArrayEquals(cached.image().pixels(), again.image().pixels());
  }

  @Test
  void planesOfAStackAreItemsThoseWithoutObjectsLeftOut() throws IOException {
    int[] stack = new int[3 * W * H];
    System.arraycopy(squarePixels(5), 0, stack, 0, W * H);
    System.arraycopy(squarePixels(8), 0, stack, 2 * W * H, W * H);
    LabelFile.write(labels.resolve("v.tif"), ArrayImgs.unsignedInts(stack, W, H, 3));
    int[] values = IntStream.range(0, stack.length).toArray();
    LabelFile.write(images.resolve("v.tif"), ArrayImgs.unsignedInts(values, W, H, 3));
    ImageLabelDataset dataset = open();
    assertEquals(2, dataset.size());
    assertEquals(List.of("v.tif", "v.tif plane 2"), List.of(dataset.name(0), dataset.name(1)));
    assertArrayEquals(squarePixels(8), dataset.plane(1).labels());
    ImageLabelDataset uncached =
        ImageLabelDataset.open(images, labels, DatasetOptions.defaults().withCacheBytes(0));
    assertArrayEquals(squarePixels(8), uncached.plane(1).labels());
    assertArrayEquals(
        dataset.plane(1).image().pixels(), uncached.plane(1).image().pixels(), "plane 2");
  }

  @Test
  void zarrImagesAndLabelsAreRead() throws IOException {
    write("a", 5);
    LabelFormat.ZARR.write(labels.resolve("b.ome.zarr"), LabelledImage.of(square(6)));
    LabelFormat.ZARR.write(images.resolve("b.ome.zarr"), LabelledImage.of(square(7)));
    ImageLabelDataset dataset = open();
    assertEquals(List.of("a.png", "b.ome.zarr"), List.of(dataset.name(0), dataset.name(1)));
    assertArrayEquals(squarePixels(6), dataset.plane(1).labels());
    assertEquals(255, dataset.plane(1).image().pixels()[3 * W + 2] & 0xff);
  }

  @Test
  void everythingThatIsWrongIsListedAtOnce() throws IOException {
    write("good", 6);
    write("missing", 6);
    Files.delete(labels.resolve("missing.tif"));
    write("empty", 4); // 16 pixels are fewer than 25
    write("size", 6);
    LabelFile.write(labels.resolve("size.tif"), ArrayImgs.unsignedInts(new int[12], 4, 3));
    write("broken", 6);
    Files.writeString(labels.resolve("broken.tif"), "no TIFF");
    write("colours", 6);
    Files.delete(labels.resolve("colours.tif"));
    ImageIO.write(
        new BufferedImage(W, H, BufferedImage.TYPE_INT_RGB),
        "png",
        labels.resolve("colours.png").toFile());
    write("twice", 6);
    Files.copy(labels.resolve("twice.tif"), labels.resolve("twice.tiff"));
    DatasetException e = assertThrows(DatasetException.class, this::open);
    for (String name : List.of("missing", "empty", "size", "broken", "colours", "twice")) {
      assertEquals(
          1,
          e.problems().stream().filter(p -> p.contains(name + ".")).count(),
          () -> "problems of " + name + " in " + e.getMessage());
    }
    assertEquals(6, e.problems().size(), e.getMessage());
  }

  @Test
  void valuesOutOfRangeAreFoundWhereIntensitiesStayAsTheyAre() throws IOException {
    write("a", 6);
    LabelFile.write(
        images.resolve("wide.tif"),
        ArrayImgs.unsignedInts(IntStream.range(0, W * H).toArray(), W, H));
    Files.copy(labels.resolve("a.tif"), labels.resolve("wide.tif"));
    assertEquals(2, open().size(), "stretched to 8 bits nothing is out of range");
    DatasetOptions asIs = DatasetOptions.defaults().withIntensities(Intensities.AS_IS);
    DatasetException e =
        assertThrows(DatasetException.class, () -> ImageLabelDataset.open(images, labels, asIs));
    assertTrue(e.getMessage().contains("wide.tif"), e.getMessage());
    assertEquals(1, e.problems().size());
  }

  @Test
  void foldersThatAreMissingOrEmptyAreNamed() {
    assertTrue(
        assertThrows(DatasetException.class, this::open).getMessage().contains("without images"));
    assertTrue(
        assertThrows(
                DatasetException.class,
                () ->
                    ImageLabelDataset.open(
                        folder.resolve("nowhere"), labels, DatasetOptions.defaults()))
            .getMessage()
            .contains("nowhere does not exist"));
  }

  @Test
  void splitsAreDisjointCompleteAndReproducible() throws IOException {
    for (int i = 0; i < 10; i++) {
      write("image" + i, 6);
    }
    ImageLabelDataset.Split split = open().split(0.3, 5);
    Set<String> training = names(split.training());
    Set<String> validation = names(split.validation());
    assertEquals(3, validation.size());
    assertEquals(7, training.size());
    assertTrue(training.stream().noneMatch(validation::contains));
    assertEquals(validation, names(open().split(0.3, 5).validation()));
    assertThrows(IllegalArgumentException.class, () -> open().split(1, 5));
  }

  private static Set<String> names(ImageLabelDataset dataset) {
    return new TreeSet<>(IntStream.range(0, dataset.size()).mapToObj(dataset::name).toList());
  }

  @Test
  void aManifestGivesWeightsAndZeroLeavesOut() throws IOException {
    for (String name : List.of("a", "b", "c")) {
      write(name, 6);
    }
    Path table = folder.resolve("manifest.tsv");
    Files.writeString(
        table, "name\tmodality\na.png\thistology\nb.png\tfluorescence\nc.png\tbrightfield\n");
    Manifest manifest = Manifest.read(table);
    ImageLabelDataset weighted =
        open()
            .weighted(
                file ->
                    switch (manifest.value(file, "modality")) {
                      case "histology" -> 4;
                      case "brightfield" -> 0;
                      default -> 1;
                    });
    assertEquals(2, weighted.size());
    assertEquals(4, weighted.weight(0));
    assertEquals("b.png", weighted.name(1));
    assertThrows(IllegalArgumentException.class, () -> manifest.value("d.png", "modality"));
    assertThrows(IllegalArgumentException.class, () -> manifest.value("a.png", "colour"));
  }

  @Test
  void mixturesHaveTheirSharesHoweverLargeTheSets() throws IOException {
    for (int i = 0; i < 5; i++) {
      write("image" + i, 6);
    }
    ImageLabelDataset all = open();
    MixedPlanes mixed =
        new MixedPlanes(
            List.of(
                new MixedPlanes.Part(all, 1),
                new MixedPlanes.Part(all.weighted(f -> f.equals("image3.png") ? 7 : 0), 3)));
    assertEquals(6, mixed.size());
    double first = IntStream.range(0, 5).mapToDouble(mixed::weight).sum();
    assertEquals(3 * first, mixed.weight(5), 1e-12);
    assertArrayEquals(all.plane(3).labels(), mixed.plane(5, StableRandom.of(0)).labels());
  }
}
