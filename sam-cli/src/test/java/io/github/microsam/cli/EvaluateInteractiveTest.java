package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.io.LabelFile;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.synthetic.SyntheticCells;
import io.github.microsam.train.synthetic.SyntheticKind;
import io.github.microsam.train.synthetic.SyntheticOptions;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateInteractiveTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void makeModelAndImages() {
    model = folder.resolve("tiny.safetensors");
    SamConfig tiny =
        new SamConfig(
            new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
            new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
            Optional.of(new UnetrConfig(2, 4, false, 3)));
    try (SamModel random = SamModel.random(tiny, 1)) {
      random.save(model);
    }
    LabelledPlane plane =
        SyntheticCells.generate(SyntheticOptions.of(SyntheticKind.NUCLEI).withSize(80, 60), 1);
    LabelFile.write(
        folder.resolve("images/a.png"), ArrayImgs.unsignedBytes(plane.image().pixels(), 80, 60));
    LabelFile.write(folder.resolve("truth/a.png"), ArrayImgs.unsignedInts(plane.labels(), 80, 60));
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
