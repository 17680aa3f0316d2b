package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.io.LabelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two true objects of 10 x 10 pixels. Of the predictions one is equal, one is 8 x 9 of the second
 * (IoU 0.72), and one has no counterpart.
 */
class EvaluateCommandTest {
  @TempDir Path folder;

  private Path write(String name, int[]... boxes) {
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(60, 40);
    for (int i = 0; i < boxes.length; i++) {
      for (int y = boxes[i][1]; y < boxes[i][3]; y++) {
        for (int x = boxes[i][0]; x < boxes[i][2]; x++) {
          labels.getAt(x, y).set(boxes[i].length > 4 ? boxes[i][4] : i + 1);
        }
      }
    }
    Path path = folder.resolve(name);
    LabelFile.write(path, labels);
    return path;
  }

  private Path truth(String name) {
    return write(name, new int[] {0, 0, 10, 10}, new int[] {20, 0, 30, 10});
  }

  private Path predicted(String name) {
    return write(
        name, new int[] {40, 20, 50, 30}, new int[] {0, 0, 10, 10}, new int[] {22, 1, 30, 10});
  }

  @Test
  void aFileIsComparedWithAFileWhateverTheirNames() throws IOException {
    Path csv = folder.resolve("scores.csv");
    String table =
        CommandRun.of("evaluate", predicted("a.tif"), truth("b.png"), "-o", csv).output();
    // Two of three objects match up to 0.7, then one of four; five thresholds each.
    double mean = (5 * 2.0 / 3 + 5 * 1.0 / 4) / 10;
    List<String> lines = table.lines().toList();
    assertEquals(2, lines.size(), table);
    assertEquals(
        List.of("image", "mSA", "SA50", "SA75", "precision", "recall", "F1", "predicted", "true"),
        List.of(lines.get(0).trim().split(" +", -1)));
    assertEquals(
        List.of("a", "0.4583", "0.6667", "0.2500", "0.6667", "1.0000", "0.8000", "3", "2"),
        List.of(lines.get(1).trim().split(" +", -1)));
    List<String> rows = Files.readAllLines(csv);
    assertEquals("image,mSA,SA50,SA75,precision,recall,F1,predicted,true", rows.get(0));
    assertEquals(mean, Double.parseDouble(rows.get(1).split(",", -1)[1]), 1e-12);
    assertEquals(3, rows.size());
    assertTrue(rows.get(2).startsWith("mean,0.45833"), rows.get(2));
  }

  @Test
  void foldersAreMatchedByNameAndTheMeanCountsImages() {
    truth("truth/c1.tif");
    truth("truth/c2.png");
    truth("predicted/c1_labels.tif");
    predicted("predicted/c2.tif");
    write("predicted/c2_overlay.png"); // a picture beside the labels
    List<String> lines =
        CommandRun.of("evaluate", folder.resolve("predicted"), folder + "/truth/*")
            .output()
            .lines()
            .toList();
    assertEquals(4, lines.size(), lines.toString());
    assertTrue(lines.get(1).matches("c1 +1\\.0000 .*"), lines.get(1));
    assertTrue(lines.get(2).matches("c2 +0\\.4583 .*"), lines.get(2));
    assertTrue(lines.get(3).matches("mean +0\\.7292 .*"), lines.get(3));
  }

  @Test
  void filesWithoutCounterpartAreListedAndTheRestIsDone() {
    truth("truth/c1.tif");
    truth("truth/c2.tif");
    truth("predicted/c2.tif");
    truth("predicted/c3.tif");
    CommandRun run =
        CommandRun.of("evaluate", folder.resolve("predicted"), folder.resolve("truth"));
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("c1.tif: nothing was predicted for it"), run.err());
    assertTrue(run.err().contains("c3.tif: there is no truth for it"), run.err());
    assertTrue(run.err().contains("1 of 1 pairs compared, 0 failed, 2 files"), run.err());
    assertTrue(run.out().contains("c2 "), run.out());
  }

  @Test
  void aDamagedFileIsToldAndTheRestIsDone() throws IOException {
    for (String name : List.of("c1", "c2", "c3")) {
      truth("truth/" + name + ".tif");
      truth("predicted/" + name + ".tif");
    }
    Files.writeString(folder.resolve("predicted/c2.tif"), "no image");
    CommandRun run =
        CommandRun.of("evaluate", folder.resolve("predicted"), folder.resolve("truth"));
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("c2.tif"), run.err());
    assertTrue(run.err().contains("2 of 3 pairs compared, 1 failed"), run.err());
    assertEquals(4, run.out().lines().count(), run.out());
  }

  @Test
  void progressIsShownOnATerminalUnlessQuiet() {
    for (String name : List.of("c1", "c2")) {
      truth("truth/" + name + ".tif");
      truth("predicted/" + name + ".tif");
    }
    Object[] args = {
      "evaluate", folder.resolve("predicted").toString(), folder.resolve("truth").toString()
    };
    CommandRun run = CommandRun.onTerminal(args);
    assertTrue(run.err().contains("comparing [") && run.err().contains("100 %"), run.err());
    String table = run.output();
    Object[] quiet = Arrays.copyOf(args, args.length + 1);
    quiet[args.length] = "--quiet";
    run = CommandRun.onTerminal(quiet);
    assertEquals("", run.err());
    assertEquals(table, run.output());
  }

  @Test
  void imagesOfDifferentSizeAreAnError() {
    LabelFile.write(folder.resolve("small.tif"), ArrayImgs.unsignedInts(5, 5));
    String error = CommandRun.of("evaluate", folder.resolve("small.tif"), truth("a.tif")).failure();
    assertTrue(error.contains("[5, 5], expected that of"), error);
  }

  @Test
  void foldersWithoutACommonNameAreAnError() {
    truth("truth/a.tif");
    truth("predicted/b.tif");
    String error =
        CommandRun.of("evaluate", folder.resolve("predicted"), folder.resolve("truth")).failure();
    assertTrue(error.contains("has the name of a true one"), error);
  }

  @Test
  void twoFilesOfOneNameAreAnError() {
    truth("truth/a.tif");
    truth("predicted/a.tif");
    truth("predicted/a_labels.png");
    String error =
        CommandRun.of("evaluate", folder.resolve("predicted"), folder.resolve("truth")).failure();
    assertTrue(error.contains("have the same name"), error);
  }

  @Test
  void existingScoresAreKept() throws IOException {
    Path csv = Files.createFile(folder.resolve("scores.csv"));
    Path labels = truth("a.tif");
    String error = CommandRun.of("evaluate", labels, labels, "-o", csv).failure();
    assertTrue(error.contains("--overwrite replaces it"), error);
    CommandRun.of("evaluate", labels, labels, "-o", csv, "--overwrite").output();
    assertEquals(3, Files.readAllLines(csv).size());
  }

  @Test
  void partsOfTrueObjectsAreObjectsWhereThatIsAsked() {
    Path parts = write("parts.tif", new int[] {0, 0, 10, 10, 7}, new int[] {20, 0, 30, 10, 7});
    Path predicted = truth("predicted.tif");
    String whole = CommandRun.of("evaluate", predicted, parts).output();
    assertTrue(whole.lines().toList().get(1).endsWith("1"), whole);
    String split = CommandRun.of("evaluate", predicted, parts, "--split-truth").output();
    assertTrue(split.lines().toList().get(1).matches("predicted +1\\.0000 .*2"), split);
  }
}
