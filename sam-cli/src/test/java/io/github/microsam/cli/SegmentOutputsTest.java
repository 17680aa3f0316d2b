package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.io.ImageFile;
import io.github.microsam.io.LabelFile;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import org.junit.jupiter.api.Test;

/** What {@code microsam segment} writes, and where. */
class SegmentOutputsTest extends SegmentFixture {
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
  void quietMeansErrorsOnly() {
    Path image = image("cells.tif", 1, 0);
    CommandRun run = segmentHere(image, "--quiet");
    assertEquals("", run.output());
    assertEquals("", run.err());
    assertEquals("", segmentHere(image, "-q").output());
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
