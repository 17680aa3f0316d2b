package io.github.microsam.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
  void labelsThatAreNoWholeNumbersAreListed() throws IOException {
    for (float value : new float[] {2.5f, -1, Float.NaN, 1e12f}) {
      String name = "value" + value;
      write(name, 6);
      float[] ids = new float[W * H];
      ids[W + 3] = value;
      Files.delete(labels.resolve(name + ".tif"));
      FloatTiff.write(labels.resolve(name + ".tif"), W, H, ids);
    }
    write("whole", 6);
    FloatTiff.write(labels.resolve("whole.tif"), W, H, floats(squarePixels(6)));
    DatasetException e = assertThrows(DatasetException.class, this::open);
    for (String value : List.of("2.5", "-1.0", "NaN", "1.0E12")) {
      assertEquals(
          1,
          e.problems().stream()
              .filter(p -> p.contains("value" + value) && p.contains("has the value"))
              .filter(p -> p.contains("at x 3, y 1"))
              .count(),
          () -> value + " in " + e.getMessage());
    }
    assertEquals(4, e.problems().size(), e.getMessage());
  }

  private static float[] floats(int[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }

  @Test
  void anImageAndItsLabelsAreListedIfBothAreWrong() throws IOException {
    write("both", 6);
    Files.writeString(images.resolve("both.png"), "no PNG");
    Files.writeString(labels.resolve("both.tif"), "no TIFF");
    List<String> problems = assertThrows(DatasetException.class, this::open).problems();
    assertEquals(2, problems.size(), problems.toString());
    assertTrue(problems.get(0).contains("both.png"), problems.toString());
    assertTrue(problems.get(1).contains("both.tif"), problems.toString());
  }

  @Test
  void labelsWithoutAnImageAreMentionedWhereAnImageHasNoLabels() throws IOException {
    write("a", 6);
    write("b", 6);
    Files.delete(images.resolve("b.png"));
    assertEquals(1, open().size(), "labels for more images do no harm");
    Files.move(images.resolve("a.png"), images.resolve("c.png"));
    List<String> problems = assertThrows(DatasetException.class, this::open).problems();
    assertEquals(3, problems.size(), problems.toString());
    assertTrue(problems.get(0).contains("c.png has no labels"), problems.toString());
    assertTrue(problems.get(1).contains("a.tif] are labels without an image"), problems.toString());
  }

  @Test
  void piecesOfAnObjectCountEachForItselfWhereTheyAreSeparated() throws IOException {
    write("pieces", 6);
    int[] stripes = new int[W * H];
    for (int x = 0; x < W; x += 3) {
      for (int y = 0; y < H; y++) {
        stripes[y * W + x] = 9; // eight stripes of 16 pixels
      }
    }
    LabelFile.write(labels.resolve("pieces.tif"), ArrayImgs.unsignedInts(stripes, W, H));
    assertEquals(1, open().size());
    DatasetOptions separate = DatasetOptions.defaults().withLabels(true, 0);
    List<String> problems =
        assertThrows(DatasetException.class, () -> ImageLabelDataset.open(images, labels, separate))
            .problems();
    assertTrue(problems.get(0).contains("of 25 pixels or more in one piece"), problems.toString());
  }

  @Test
  void classesThatTheModelHasNoOutputForAreListed() throws IOException {
    write("a", 6);
    write("b", 6);
    DatasetOptions options = DatasetOptions.defaults().withLabels(false, 10);
    assertEquals(2, ImageLabelDataset.open(images, labels, options).size(), "class 9 of 0 to 9");
    DatasetException e =
        assertThrows(
            DatasetException.class,
            () -> ImageLabelDataset.open(images, labels, options.withLabels(false, 9)));
    assertEquals(2, e.problems().size(), e.getMessage());
    assertTrue(e.getMessage().contains("b.tif has the class 9, expected 0 to 8"), e.getMessage());
  }

  @Test
  void theLastPlanesOfTheOnlyStackAreSetApart() throws IOException {
    int[] stack = new int[4 * W * H];
    for (int p = 0; p < 4; p++) {
      System.arraycopy(squarePixels(5 + p), 0, stack, p * W * H, W * H);
    }
    LabelFile.write(labels.resolve("v.tif"), ArrayImgs.unsignedInts(stack, W, H, 4));
    LabelFile.write(images.resolve("v.tif"), ArrayImgs.unsignedInts(stack, W, H, 4));
    ImageLabelDataset.Split split = open().split(0.1, 5);
    assertEquals(3, split.training().size());
    assertEquals(Set.of("v.tif plane 3"), names(split.validation()));
    assertEquals(1, open().split(0.9, 5).training().size());
  }

  @Test
  void aSinglePlaneCannotBeSplitAndTheMessageSaysWhatToDo() throws IOException {
    write("only", 6);
    DatasetException e = assertThrows(DatasetException.class, () -> open().split(0.1, 5));
    assertTrue(e.getMessage().contains("only.png is the only plane"), e.getMessage());
    assertTrue(e.getMessage().contains("--validation-images"), e.getMessage());
  }

  @Test
  void descriptionsTellWhetherTheContentsAreTheSame() throws IOException {
    write("a", 6);
    write("b", 7);
    String description = open().description();
    assertTrue(description.startsWith("2 planes of 2 files"), description);
    assertEquals(description, open().description());
    Path moved = Files.move(images, folder.resolve("elsewhere"));
    assertEquals(
        description,
        ImageLabelDataset.open(moved, labels, DatasetOptions.defaults()).description());
    Files.move(moved, images);
    assertNotEquals(description, open().weighted(f -> f.equals("a.png") ? 2 : 1).description());
    write("b", 8);
    assertNotEquals(description, open().description());
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
