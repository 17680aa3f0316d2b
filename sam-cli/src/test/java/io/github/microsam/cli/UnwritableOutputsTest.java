package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.io.LabelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be written is told with its name, as any other mistake: no stack trace. */
class UnwritableOutputsTest {
  @TempDir Path folder;

  private Path model;
  private Path image;

  /** Nothing can be written below it. */
  private Path file;

  @BeforeEach
  void makeFiles() throws IOException {
    model = TinyModel.in(folder);
    image = folder.resolve("cells.tif");
    LabelFile.write(image, ArrayImgs.unsignedBytes(30, 20));
    file = Files.writeString(folder.resolve("file"), "");
  }

  @Test
  void embedNamesTheCache() {
    Path cache = file.resolve("cells.zarr");
    assertTold(CommandRun.of("embed", image, "-m", model, "-o", cache, "-q").failure(), cache);
  }

  @Test
  void evaluateNamesTheTable() {
    Path csv = file.resolve("scores.csv");
    CommandRun run = CommandRun.of("evaluate", image, image, "-o", csv);
    assertEquals(1, run.exitCode());
    assertTold(run.err(), csv);
    assertTrue(run.out().contains("cells "), "the scores are told all the same: " + run.out());
  }

  @Test
  void segmentNamesTheTargetAlsoInABatch() throws IOException {
    Path other = Files.copy(image, folder.resolve("other.tif"));
    Path out = folder.resolve("out");
    Path labels = Files.createDirectories(out.resolve("cells_labels.tif"));
    assertTold(
        CommandRun.of("segment", image, "-m", model, "-o", out, "-q", "--overwrite").failure(),
        labels);
    CommandRun batch =
        CommandRun.of("segment", image, other, "-m", model, "-o", out, "-q", "--overwrite");
    assertEquals(1, batch.exitCode());
    assertTold(batch.err(), labels);
    assertTrue(Files.exists(out.resolve("other_labels.tif")));
  }

  private static void assertTold(String error, Path target) {
    assertTrue(error.contains(target + " cannot be written"), error);
    assertTrue(error.contains("is the folder writable"), error);
    assertFalse(error.contains("This should not happen"), error);
    assertEquals(1, error.lines().count(), error);
  }
}
