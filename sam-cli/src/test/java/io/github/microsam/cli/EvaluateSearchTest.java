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
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code microsam evaluate --grid-search}. */
class EvaluateSearchTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void makeModelAndImages() {
    model = folder.resolve("tiny.safetensors");
    SamConfig tiny =
        new SamConfig(
            new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
            new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
            Optional.of(new UnetrConfig(4, 4, false, 3)));
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
