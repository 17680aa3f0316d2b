package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.image.ImageSource;
import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFile;
import io.github.microsam.model.SamModel;
import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.Mode;
import io.github.microsam.segment.SegmentationOptions;
import io.github.microsam.segment.Tiles;
import io.github.microsam.zarr.ZarrFormat;
import io.github.microsam.zarr.ZarrGroup;
import io.github.microsam.zarr.ZarrType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code microsam segment} finds, with which options. */
class SegmentCommandTest extends SegmentFixture {
  private static SegmentationOptions loose(SegmentationOptions options) {
    return options.withAis(
        o ->
            o.withCenterDistanceThreshold(0.9)
                .withBoundaryDistanceThreshold(0.9)
                .withForegroundThreshold(0.5));
  }

  @Test
  void theObjectsAreThoseOfTheLibrary() throws IOException {
    Path image = image("cells.tif", 1, 0);
    String output = segmentHere(image, "--tile", "50x40", "--halo", "6").output();
    assertTrue(output.contains("cells.tif: ") && output.contains(" object"), output);
    assertTrue(output.contains("cells_labels.tif, "), output);
    try (SamModel sam = SamModel.load(model)) {
      AutomaticSegmentation automatic = AutomaticSegmentation.of(sam, Mode.AUTO);
      assertArrayEquals(
          ids(
              automatic
                  .segment(
                      ImageSource.of(ImageFile.open(image).plane()),
                      loose(automatic.defaults()).withTiles(new Tiles.Fixed(50, 40, 6, 6)))
                  .labels()),
          ids(LabelFile.read(folder.resolve("cells_labels.tif"))));
    }
    assertEquals(WIDTH, ImageIO.read(folder.resolve("cells_overlay.png").toFile()).getWidth());
  }

  @Test
  void aModelWithoutDecoderPromptsWithAGrid() {
    Path image = image("cells.tif", 1, 0);
    CommandRun run =
        CommandRun.of(
            "segment",
            image,
            "-m",
            plain,
            "--iou-threshold",
            "-1",
            "--stability-threshold",
            "0",
            "-o",
            folder);
    assertTrue(run.output().contains("cells_labels.tif"), run.out());
    String error =
        CommandRun.of("segment", image, "-m", plain, "--mode", "ais", "--overwrite").failure();
    assertTrue(error.contains("no decoder for automatic segmentation"), error);
    error =
        CommandRun.of("segment", image, "-m", plain, "--nms-threshold", "0.5", "--overwrite")
            .misuse();
    assertTrue(error.contains("--nms-threshold is for mode apg; the mode here is auto"), error);
    Path cache = folder.resolve("e.zarr");
    error =
        CommandRun.of(
                "segment",
                image,
                "-m",
                plain,
                "--crop-layers",
                "1",
                "--embeddings",
                cache,
                "--overwrite")
            .misuse();
    assertTrue(error.contains("--embeddings does not keep them"), error);
    assertFalse(Files.exists(cache));
  }

  /** What the README begins with, in a process and a folder of its own. */
  @Test
  void anImageIsEnough() throws Exception {
    Path image = image("cells.tif", 1, 0);
    Path here = Files.createDirectories(folder.resolve("here"));
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "segment",
            image.toString());
    Process process = new ProcessBuilder(command).directory(here.toFile()).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    assertTrue(said.contains("cells.tif: ") && said.contains(" in "), said);
    Path results = here.resolve("segmented");
    assertEquals(WIDTH, LabelFile.read(results.resolve("cells_labels.tif")).dimension(0));
    assertTrue(Files.exists(results.resolve("cells_measurements.csv")));
    assertTrue(Files.exists(results.resolve("cells_overlay.png")));
  }

  @Test
  void apgSegmentsToo() {
    Path image = image("cells.tif", 1, 0);
    segmentHere(image, "--mode", "apg", "--mask-threshold", "auto", "--refine-with-boxes").output();
    assertTrue(Files.exists(folder.resolve("cells_labels.tif")));
  }

  @Test
  void stacksHaveOneSpaceOfIds() {
    Path image = image("stack.tif", 3, 0);
    segment(image, "-o", folder.resolve("out.tif")).output();
    RandomAccessibleInterval<? extends IntegerType<?>> labels =
        LabelFile.read(folder.resolve("out.tif"));
    assertArrayEquals(new long[] {WIDTH, HEIGHT, 3}, labels.dimensionsAsLongArray());
    long before = 0;
    for (int z = 0; z < 3; z++) {
      long above = before;
      long[] ids = ids(Views.hyperSlice(labels, 2, z));
      assertTrue(Arrays.stream(ids).allMatch(id -> id == 0 || id > above), "slice " + z);
      before = Math.max(before, Arrays.stream(ids).max().orElseThrow());
    }
    String error = segmentHere(image, "--overlay", "--overwrite").failure();
    assertTrue(error.contains("--overlay is for single planes"), error);
    String unasked = segmentHere(image).output();
    assertTrue(unasked.contains("stack_labels.tif, "), unasked);
    assertFalse(Files.exists(folder.resolve("stack_overlay.png")));
    assertTrue(segmentHere(image).output().contains("skipped"));
  }

  @Test
  void optionsOfOtherModesAreRefusedAlsoWhereAllIsSkipped() {
    Path image = image("cells.tif", 1, 0);
    segmentHere(image, "--mode", "ais").output();
    String error = segmentHere(image, "--mode", "ais", "--keep-largest").misuse();
    assertTrue(error.contains("--keep-largest is for mode amg; the mode here is ais"), error);
    error = segmentHere(image, "--refine-with-boxes").misuse();
    assertTrue(error.contains("is for mode apg; the mode here is auto"), error);
  }

  @Test
  void cropsAndAMaskGoTogether() {
    Path image = image("cells.tif", 1, 0);
    RandomAccessibleInterval<UnsignedByteType> mask = ArrayImgs.unsignedBytes(WIDTH, HEIGHT);
    Views.interval(mask, new long[] {0, 0}, new long[] {39, HEIGHT - 1}).forEach(p -> p.set(1));
    LabelFile.write(folder.resolve("mask.png"), mask);
    Object[] crops = {"-m", plain, "--crop-layers", "1", "--iou-threshold", "-1"};
    List<Object> args = new ArrayList<>(List.of("segment", image, "-o", folder));
    args.addAll(Arrays.asList(crops));
    args.addAll(List.of("--mask", folder.resolve("mask.png")));
    CommandRun.of(args.toArray()).output();
    long[] ids = ids(LabelFile.read(folder.resolve("cells_labels.tif")));
    for (int i = 0; i < ids.length; i++) {
      assertTrue(i % WIDTH < 40 || ids[i] == 0, "pixel " + i);
    }
  }

  @Test
  void volumesInTimeAreRefusedByName() {
    Path path = folder.resolve("five.zarr");
    ZarrGroup.create(
        path,
        ZarrFormat.V2,
        group ->
            group.createArray(
                "tczyx",
                ZarrType.UINT8,
                new long[] {2, 1, 3, 8, 8},
                new int[] {2, 1, 3, 8, 8},
                array -> array.writeChunk(i -> i, 0, 0, 0, 0, 0)));
    String error = segment(path.resolve("tczyx")).failure();
    assertTrue(error.contains("tczyx has 3 slices at 2 points in time"), error);
  }

  @Test
  void onlyWhereTheMaskIs() {
    Path image = image("cells.tif", 1, 0);
    byte[] half = new byte[WIDTH * HEIGHT];
    for (int i = 0; i < half.length; i++) {
      half[i] = (byte) (i % WIDTH < 40 ? 1 : 0);
    }
    Path mask = folder.resolve("mask.png");
    LabelFile.write(mask, ArrayImgs.unsignedBytes(half, WIDTH, HEIGHT));
    segmentHere(image, "--mask", mask, "--tile", "40", "--halo", "8").output();
    long[] ids = ids(LabelFile.read(folder.resolve("cells_labels.tif")));
    for (int i = 0; i < ids.length; i++) {
      assertTrue(half[i] == 1 || ids[i] == 0, "pixel " + i);
    }
    LabelFile.write(mask, ArrayImgs.unsignedBytes(WIDTH, 10));
    String error = segmentHere(image, "--mask", mask, "--overwrite").failure();
    assertTrue(error.contains("The mask has the size [80, 10]"), error);
  }

  @Test
  void embeddingsAreTakenFromCachesAndKeptThere() throws IOException {
    Path image = image("cells.tif", 1, 0);
    image("stack.tif", 2, 1);
    Path caches = folder.resolve("embeddings");
    CommandRun.of(
            "embed", image, "-m", model, "-o", caches, "--tile", "50x40", "--halo", "6", "--quiet")
        .output();
    Path chunk = caches.resolve("cells.zarr/features/0/0/0/0/0");
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(chunk, old);
    Path cached = folder.resolve("cached");
    Path alone = folder.resolve("alone");
    segment(folder, "-o", cached, "--embeddings", caches).output();
    assertEquals(old, Files.getLastModifiedTime(chunk));
    assertTrue(Files.exists(caches.resolve("stack.zarr/features")));
    segment(image, "-o", alone, "--tile", "50x40", "--halo", "6").output();
    segment(folder.resolve("stack.tif"), "-o", alone).output();
    for (String name : List.of("cells_labels.tif", "stack_labels.tif")) {
      assertArrayEquals(
          ids(LabelFile.read(alone.resolve(name))), ids(LabelFile.read(cached.resolve(name))));
    }
    Path cache = caches.resolve("cells.zarr");
    CommandRun other = segmentHere(image, "--embeddings", cache, "--tile", "40", "--overwrite");
    assertTrue(other.failure().contains("tile_shape is [40,50], expected [40,40]"), other.err());
  }

  @Test
  void aCacheServesModelsWithAndWithoutDecoder() {
    Path image = image("cells.tif", 1, 0);
    Path cache = folder.resolve("cells.zarr");
    segmentHere(image, "--embeddings", cache, "--tile", "none").output();
    Path labels = folder.resolve("p.tif");
    CommandRun.of(
            "predict",
            image,
            "-m",
            plain,
            "--embeddings",
            cache,
            "--box",
            "10,10,40,40",
            "-o",
            labels,
            "--overlay",
            folder.resolve("p.png"))
        .output();
    Path alone = folder.resolve("alone.tif");
    CommandRun.of(
            "predict",
            image,
            "-m",
            plain,
            "--box",
            "10,10,40,40",
            "-o",
            alone,
            "--overlay",
            folder.resolve("q.png"))
        .output();
    assertArrayEquals(ids(LabelFile.read(alone)), ids(LabelFile.read(labels)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--tile big | expected a number of pixels",
        "--halo 5 | --halo needs --tile",
        "--tile none --halo 5 | no meaning",
        "--min-size -3 | smallest size is -3",
        "--mask-threshold high --mode apg | a number or auto",
        "--points-per-side 8 | is for mode amg; the mode here is ais",
        "--foreground-smoothing 1 --mode apg | is for mode ais; the mode here is apg",
        "--mode fast | expected one of",
        "--format doc | expected one of"
      })
  void wrongCommandLinesAreExplained(String options, String message) {
    List<Object> args = new ArrayList<>(List.of(image("cells.tif", 1, 0)));
    args.addAll(List.of(options.split(" ", -1)));
    String error = segmentHere(args.toArray()).misuse();
    assertTrue(error.contains(message), error);
    assertFalse(Files.exists(folder.resolve("cells_labels.tif")));
  }
}
