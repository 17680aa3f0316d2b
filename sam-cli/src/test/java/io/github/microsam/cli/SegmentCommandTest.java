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
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentCommandTest {
  private static final int WIDTH = 80;
  private static final int HEIGHT = 60;

  /** With the random decoder some pixels are objects and some are not. */
  private static final List<String> LOOSE =
      List.of(
          "--center-distance-threshold",
          "0.9",
          "--boundary-distance-threshold",
          "0.9",
          "--foreground-threshold",
          "0.5");

  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path model;
  private static Path plain;

  @BeforeAll
  static void makeModels() {
    model = TinyModel.in(shared);
    plain =
        TinyModel.withoutDecoder(
            shared.resolve("plain.safetensors"), Map.of("microsam.amg.points_per_side", "4"));
  }

  /** An image of disks that differ by the seed. */
  private Path image(String name, int planes, int seed) {
    byte[] pixels = new byte[WIDTH * HEIGHT * planes];
    for (int i = 0; i < pixels.length; i++) {
      double dx = i % WIDTH - 20 - 3 * seed;
      int y = i / WIDTH % HEIGHT;
      double dy = y - 30;
      pixels[i] = (byte) (dx * dx + dy * dy < 200 ? 200 - y : 20 + i % 7);
    }
    Path file = folder.resolve(name);
    RandomAccessibleInterval<? extends IntegerType<?>> image =
        ArrayImgs.unsignedBytes(pixels, WIDTH, HEIGHT, planes);
    LabelFile.write(file, planes == 1 ? Views.hyperSlice(image, 2, 0) : image);
    return file;
  }

  private static CommandRun segment(Object... args) {
    List<Object> all = new ArrayList<>(List.of("segment", "--model", model));
    all.addAll(LOOSE);
    all.addAll(Arrays.asList(args));
    return CommandRun.of(all.toArray());
  }

  /** The command line with results beside the image. */
  private CommandRun segmentHere(Object... args) {
    List<Object> all = new ArrayList<>(List.of("-o", folder));
    all.addAll(Arrays.asList(args));
    return segment(all.toArray());
  }

  private static SegmentationOptions loose(SegmentationOptions options) {
    return options.withAis(
        o ->
            o.withCenterDistanceThreshold(0.9)
                .withBoundaryDistanceThreshold(0.9)
                .withForegroundThreshold(0.5));
  }

  private static long[] ids(RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    long[] out = new long[(int) labels.size()];
    Cursor<? extends IntegerType<?>> cursor = Views.flatIterable(labels).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().getIntegerLong();
    }
    return out;
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

  @Test
  void whatIsWrittenCanBeChosen() throws IOException {
    Path image = image("cells.tif", 1, 0);
    assertEquals(
        List.of("cells_labels.tif", "cells_measurements.csv", "cells_overlay.png"),
        written("usual", image));
    assertEquals(List.of("cells_labels.tif"), written("a", image, "--format", "tif"));
    assertEquals(
        List.of("cells_labels.geojson", "cells_overlay.png"),
        written("b", image, "--format", "geojson", "--overlay"));
    assertEquals(List.of("cells_labels.tif"), written("c", image, "--no-overlay", "--no-measure"));
  }

  private List<String> written(String name, Object... args) throws IOException {
    Path out = folder.resolve(name);
    List<Object> all = new ArrayList<>(List.of("-o", out));
    all.addAll(Arrays.asList(args));
    segment(all.toArray()).output();
    try (Stream<Path> files = Files.list(out)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
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
  void resultsThatExistAreKeptUnlessTold() throws IOException {
    Path image = image("cells.tif", 1, 0);
    segmentHere(image, "--format", "tif").output();
    Path labels = folder.resolve("cells_labels.tif");
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(labels, old);
    String second = segmentHere(image, "--format", "tif").output();
    assertTrue(second.contains("skipped") && second.contains("--overwrite"), second);
    segmentHere(image, "--format", "tif", "--overlay").output();
    assertEquals(old, Files.getLastModifiedTime(labels), "only what is missing is written");
    assertTrue(Files.exists(folder.resolve("cells_overlay.png")));
    segmentHere(image, "--overwrite").output();
    assertTrue(Files.getLastModifiedTime(labels).compareTo(old) > 0);
  }

  /** What is kept may be of other options than what is written: nothing says that it is not. */
  @Test
  void whatIsKeptIsToldApartFromWhatIsWritten() {
    Path image = image("cells.tif", 1, 0);
    segmentHere(image, "--format", "tif").output();
    Object[] both = {image, "--format", "tif,geojson", "--min-size", "300"};
    String said = segmentHere(both).output();
    assertTrue(
        said.contains(
            ": %s; kept as before, perhaps with other objects: %s (--overwrite replaces)"
                .formatted(
                    folder.resolve("cells_labels.geojson"), folder.resolve("cells_labels.tif"))),
        said);
    List<Object> again = new ArrayList<>(Arrays.asList(both));
    again.add("--overwrite");
    said = segmentHere(again.toArray()).output();
    assertFalse(said.contains("kept"), said);
    assertTrue(said.contains("cells_labels.tif, "), said);
  }

  @Test
  void aFolderIsDoneButForWhatIsDamaged() throws IOException {
    int count = 100;
    for (int i = 0; i < count; i++) {
      RandomAccessibleInterval<UnsignedByteType> tiny = ArrayImgs.unsignedBytes(9, 7);
      tiny.getAt(i % 9, i % 7).set(200);
      LabelFile.write(folder.resolve("c%02d.tif".formatted(i)), tiny);
    }
    Path damaged = folder.resolve("c42.tif");
    byte[] whole = Files.readAllBytes(damaged);
    Files.write(damaged, Arrays.copyOf(whole, whole.length / 2));
    Path out = folder.resolve("results");
    CommandRun run = segment(folder, "-o", out, "--measure");
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("c42.tif"), run.err());
    assertEquals(1, run.err().lines().filter(l -> !l.contains("%")).count(), run.err());
    assertTrue(run.out().contains("99 of 100 images segmented, 0 skipped, 1 failed"), run.out());
    for (int i = 0; i < count; i++) {
      assertEquals(i != 42, Files.exists(out.resolve("c%02d_labels.tif".formatted(i))), "" + i);
      assertEquals(
          i != 42, Files.exists(out.resolve("c%02d_measurements.csv".formatted(i))), "" + i);
    }
    Files.write(damaged, whole);
    run = segment(folder.resolve("c??.tif"), "-o", out, "--measure");
    assertTrue(run.output().contains("1 of 100 images segmented, 99 skipped, 0 failed"), run.out());
  }

  @Test
  void anImageThatCannotBeSegmentedIsNamedAlsoAlone() {
    Path path = folder.resolve("nan.zarr/image");
    ZarrGroup.create(
        path.getParent(),
        ZarrFormat.V2,
        group ->
            group.createArray(
                "image",
                ZarrType.FLOAT32,
                new long[] {7, 9},
                new int[] {7, 9},
                array -> array.writeChunk(i -> i == 21 ? Double.NaN : 0, 0, 0)));
    String error = segmentHere(path).failure();
    assertTrue(error.contains(path + ": The image has the value NaN at x 3, y 2"), error);
  }

  @Test
  void levelsOfAnOmeZarrKeepTheImagesName() throws IOException {
    for (String name : List.of("a", "b")) {
      segment(image(name + ".tif", 1, 0), "-o", folder.resolve(name + ".ome.zarr")).output();
    }
    Path out = folder.resolve("levels");
    Path level = folder.resolve("a.ome.zarr/0");
    segment(level, folder.resolve("b.ome.zarr/0"), "-o", out, "--format", "tif,coco").output();
    assertTrue(Files.exists(out.resolve("b_0_labels.tif")));
    String coco = Files.readString(out.resolve("a_0_coco.json"));
    assertTrue(coco.contains("\"a.ome.zarr/0\""), coco);
  }

  @Test
  void resultsInAFolderAreNoImages() {
    image("a.tif", 1, 0);
    image("b.tif", 1, 1);
    Object[] again = {folder, "--overlay", "--format", "tif,zarr"};
    assertTrue(segmentHere(again).output().contains("2 of 2 images segmented"));
    assertTrue(Files.isDirectory(folder.resolve("a_labels.ome.zarr")));
    assertTrue(segmentHere(again).output().contains("0 of 2 images segmented, 2 skipped"));
    assertTrue(
        segment(folder.resolve("a_labels.ome.zarr"), "-o", folder.resolve("r"))
            .output()
            .contains(folder.resolve("r/a_labels_labels.tif").toString()));
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

  @Test
  void quietMeansErrorsOnly() {
    Path image = image("cells.tif", 1, 0);
    CommandRun run = segmentHere(image, "--quiet");
    assertEquals("", run.output());
    assertEquals("", run.err());
    assertEquals("", segmentHere(image, "-q").output());
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

  @Test
  void placesThatCannotBeWrittenAreSeenBeforeAnythingRuns() throws IOException {
    Path image = image("cells.tif", 1, 0);
    Path file = Files.writeString(folder.resolve("file"), "x");
    String error = segment(image, "-o", file.resolve("results")).failure();
    assertTrue(error.contains("cannot be made"), error);
    Files.createDirectories(folder.resolve("b"));
    Files.copy(image, folder.resolve("b/cells.tif"));
    error = segment(image, folder.resolve("b"), "-o", folder.resolve("r")).failure();
    assertTrue(error.contains("would both be written"), error);
    error = segment(image, folder.resolve("b"), "-o", folder.resolve("r.tif")).misuse();
    assertTrue(error.contains("name a folder"), error);
    assertTrue(segment(folder.resolve("none.tif")).failure().contains("none.tif"));
  }

  /** Told to end, the program finishes the files that it is writing and leaves no others. */
  @Test
  void whatIsInterruptedIsWhole() throws Exception {
    for (int i = 0; i < 40; i++) {
      image("c%02d.tif".formatted(i), 1, i % 10);
    }
    Path out = folder.resolve("results");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "segment",
                folder.toString(),
                "-m",
                model.toString(),
                "-o",
                out.toString(),
                "--format",
                "tif",
                "--overlay"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains("_labels.tif")) {
          break;
        }
      }
      process.destroy(); // SIGTERM, for Java the same as Ctrl-C
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running");
      assertTrue(process.exitValue() != 0);
    }
    try (Stream<Path> files = Files.list(out)) {
      List<Path> all = files.toList();
      assertTrue(all.size() >= 2 && all.size() < 80, all.size() + " files");
      for (Path file : all) {
        String name = file.getFileName().toString();
        assertFalse(name.startsWith("."), name + " is half a file");
        Path other =
            file.resolveSibling(
                name.endsWith("_labels.tif")
                    ? name.replace("_labels.tif", "_overlay.png")
                    : name.replace("_overlay.png", "_labels.tif"));
        assertTrue(Files.exists(other), name + " without " + other.getFileName());
        ImageFile.open(file).plane();
      }
    }
  }
}
