package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateInteractiveTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void makeModelAndImages() {
    model = TinyModel.in(folder);
    Nuclei.write(folder);
  }

  @Test
  void annotatorsJudgeAModel() throws IOException {
    Path csv = folder.resolve("scores.csv");
    Path plot = folder.resolve("scores.png");
    String table =
        CommandRun.of(
                "evaluate",
                folder.resolve("images"),
                folder.resolve("truth"),
                "--interactive",
                "--model",
                model,
                "--iterations",
                2,
                "--automatic",
                "ais,apg",
                "-o",
                csv,
                "--plot",
                plot)
            .output();
    List<String> lines = table.lines().toList();
    assertEquals(7, lines.size(), table);
    assertTrue(lines.get(5).startsWith("ais  "), table);
    assertTrue(lines.get(6).startsWith("apg  "), table);
    assertTrue(lines.get(1).startsWith("point             0  "), table);
    assertTrue(lines.get(4).startsWith("box               1  "), table);
    assertEquals(1 + 4 + 4, Files.readAllLines(csv).size());
    assertTrue(Files.size(plot) > 1000);
  }

  @Test
  void whatIsMissingIsSaid() throws IOException {
    CommandRun.of("evaluate", folder.resolve("images"), folder.resolve("truth"), "--plot", "a.png")
        .misuse();
    CommandRun.of(
            "evaluate", folder.resolve("images"), folder.resolve("truth"), "--automatic", "ais")
        .misuse();
    Files.delete(folder.resolve("truth/a.png"));
    CommandRun missing =
        CommandRun.of(
            "evaluate",
            folder.resolve("images"),
            folder.resolve("truth"),
            "--interactive",
            "--model",
            model);
    assertEquals(1, missing.exitCode());
    assertTrue(missing.err().contains("truth is a folder without images"), missing.err());
  }
}
