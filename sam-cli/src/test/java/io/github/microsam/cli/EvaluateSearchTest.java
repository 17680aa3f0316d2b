package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code microsam evaluate --grid-search}. */
class EvaluateSearchTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void makeModelAndImages() {
    model = TinyModel.in(folder);
    Nuclei.write(folder);
  }

  @Test
  void theBestChoiceIsPrintedAsACommandThatWorks() throws IOException {
    for (String mode : List.of("ais", "amg")) {
      Path csv = folder.resolve(mode + ".csv");
      String out =
          CommandRun.of(
                  "evaluate",
                  folder.resolve("images"),
                  folder.resolve("truth"),
                  "--grid-search",
                  mode,
                  "--model",
                  model,
                  "-o",
                  csv)
              .output();
      List<String> lines = Files.readAllLines(csv);
      assertEquals(1 + (mode.equals("ais") ? 450 : 195), lines.size(), mode);
      int msa = List.of(lines.get(0).split(",", -1)).indexOf("mSA");
      double best =
          lines.stream()
              .skip(1)
              .map(line -> Double.valueOf(line.split(",", -1)[msa]))
              .max(Comparator.naturalOrder())
              .orElseThrow();
      assertTrue(
          out.contains("for %s, mean of 1 images: mSA %.4f".formatted(mode, best)), () -> out);
      String command = out.lines().toList().get(1);
      assertTrue(command.startsWith("microsam segment IMAGES --model " + model), command);
      Object[] arguments =
          (command.substring("microsam ".length()).replace("IMAGES", "" + folder.resolve("images"))
                  + " -o "
                  + folder.resolve(mode))
              .split(" ", -1);
      CommandRun.of(arguments).output();
    }
  }

  @Test
  void whatContradictsIsRefused() {
    assertTrue(
        CommandRun.of("evaluate", "a", "b", "--grid-search", "ais", "--interactive")
            .misuse()
            .contains("exclude"));
    assertTrue(CommandRun.of("evaluate", "a", "b", "-m", "vit_b").misuse().contains("--model"));
  }
}
