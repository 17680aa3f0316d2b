package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.SamModel;
import io.github.microsam.train.report.MetricLog;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code microsam train} with a model so small that an epoch takes seconds. */
class TrainCommandTest {
  @TempDir private Path folder;
  private Path model;
  private Path config;
  private Path output;

  @BeforeEach
  void synthesize() throws IOException {
    CommandRun.of("synthesize", "-o", folder, "--count", 4, "--size", "64x64").output();
    model = folder.resolve("start.safetensors");
    output = folder.resolve("trained.safetensors");
    config = folder.resolve("train.yaml");
    SamConfig tiny =
        new SamConfig(
            new VitConfig(64, 16, 16, 3, 2, 32, 2, List.of(0), 16),
            new MaskDecoderConfig(3, 2, 2, 32, 3, 16, 8),
            Optional.empty());
    try (SamModel random = SamModel.random(tiny, 1)) {
      random.save(model);
    }
    Files.writeString(
        config,
        """
        preset: none
        model: start.safetensors
        data:
          validationFraction: 0.25
          training:
            - files: {images: images, labels: labels}
        patches: {width: 64, height: 64}
        loading: {batches: 2, validationPatches: 1}
        training:
          scheme:
            interactive:
              prompts: {subIterations: 2, maxObjects: 2}
          epochs: 2
        """);
  }

  @Test
  void aModelIsTrainedAndTheCommandSaysWhatItDoes() {
    String out = CommandRun.of("train", "--config", config, "-o", output).output();
    assertTrue(out.contains("parameters are trained"), out);
    assertTrue(out.contains("preset none: up to 2 objects of an image, 2 sub-iterations"), out);
    assertTrue(out.contains("4 batches of 1 patches of 64 x 64 pixels"), out);
    assertTrue(out.contains("Done after 4 batches."), out);
    try (SamWeights trained = SamWeights.open(output)) {
      trained.requireComplete();
    }
    for (String ending :
        List.of("steps.csv", "epochs.csv", "curves.png", "validation.png", "state.safetensors")) {
      assertTrue(Files.exists(TrainProgress.beside(output, ending)), ending);
    }
    String again = CommandRun.of("train", "--config", config, "-o", output).failure();
    assertTrue(again.contains("--resume goes on"), again);
    String resumed = CommandRun.of("train", "--config", config, "-o", output, "--resume").output();
    assertTrue(resumed.contains("4 are done"), resumed);
  }

  @Test
  void recomputationSparesMemoryAndChangesNoWeight() throws IOException {
    String kept = CommandRun.of("train", "--config", config, "-o", output).output();
    byte[] expected = Files.readAllBytes(output);
    String settings = Files.readString(config) + "computing: {recompute: true}\n";
    Files.writeString(config, settings);
    String again = CommandRun.of("train", "--config", config, "-o", output, "--overwrite").output();
    assertArrayEquals(expected, Files.readAllBytes(output));
    assertNotEquals(memory(kept), memory(again));
  }

  private static String memory(String out) {
    return out.lines().filter(line -> line.startsWith("memory")).findFirst().orElseThrow();
  }

  @Test
  void productsMayBeRounded() throws IOException {
    String settings = Files.readString(config) + "computing: {precision: bfloat16}\n";
    Files.writeString(config, settings);
    String out = CommandRun.of("train", "--config", config, "-o", output).output();
    assertTrue(out.contains("Done after 4 batches."), out);
  }

  /** The decoder's last layer becomes another one where the model had one for distances. */
  @Test
  void boundariesAndAffinitiesCanBeLearnedToo() throws IOException {
    Path distances = model;
    try (SamModel random =
        SamModel.random(
            configOf(model).withUnetr(Optional.of(new UnetrConfig(2, 4, false, 3))), 1)) {
      random.save(distances);
    }
    String settings = settings("automatic") + "targets: ";
    for (String targets : List.of("boundaries", "affinities")) {
      Files.writeString(config, settings + targets);
      CommandRun.of("train", "--config", config, "-o", output, "--overwrite").output();
      try (SamWeights trained = SamWeights.open(output)) {
        trained.requireComplete();
        UnetrConfig decoder = trained.config().unetr().orElseThrow();
        assertEquals(targets.equals("boundaries") ? 2 : 9, decoder.outChannels());
        assertEquals(2, decoder.initialFeatures());
      }
      assertTrue(Files.exists(TrainProgress.beside(output, "validation.png")));
    }
  }

  private static SamConfig configOf(Path model) {
    try (SamWeights weights = SamWeights.open(model)) {
      return weights.config();
    }
  }

  /** The configuration with another scheme. */
  private String settings(String scheme) throws IOException {
    String all = Files.readString(config);
    return all.substring(0, all.indexOf("training:\n  scheme"))
        + "training: {scheme: "
        + scheme
        + ", epochs: 1}\n";
  }

  @Test
  void classesMayBeOthersThanTheModelHas() throws IOException {
    Files.writeString(
        config,
        settings("{semantic: {classes: 5}}").replace("height: 64", "height: 64, separate: false"));
    CommandRun.of("train", "--config", config, "-o", output).output();
    try (SamWeights trained = SamWeights.open(output);
        SamWeights start = SamWeights.open(model)) {
      trained.requireComplete();
      assertEquals(5, trained.config().maskDecoder().multimaskOutputs());
      assertEquals(3, start.config().maskDecoder().multimaskOutputs());
    }
    assertTrue(Files.exists(TrainProgress.beside(output, "validation.png")));
    double[] classes = MetricLog.read(TrainProgress.beside(output, "epochs.csv")).values("classes");
    assertEquals(1, classes.length);
    assertTrue(classes[0] > 0, "validated by the classes' loss");
  }

  @Test
  void aDryRunChangesNothing() {
    CommandRun run =
        CommandRun.of(
            "train",
            "--images",
            folder.resolve("images"),
            "--labels",
            folder.resolve("labels"),
            "--config",
            config,
            "--model",
            model,
            "-o",
            output,
            "--dry-run");
    assertTrue(run.output().contains("mask decoder"), run.out());
    assertTrue(run.out().contains("in all at most"), run.out());
    assertFalse(Files.exists(output));
  }

  @Test
  void badDataIsListedBeforeTheFirstStep() throws IOException {
    List<Path> labels;
    try (var files = Files.list(folder.resolve("labels"))) {
      labels = files.sorted().toList();
    }
    Files.delete(labels.get(0));
    Files.writeString(labels.get(1), "no image");
    CommandRun run = CommandRun.of("train", "--config", config, "-o", output);
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains(labels.get(1).getFileName().toString()), run.err());
    assertTrue(
        run.err().contains(labels.get(0).getFileName().toString().replace(".png", "")), run.err());
  }

  @Test
  void whatIsMissingOnTheCommandLineIsNamed() {
    assertTrue(CommandRun.of("train", "--config", config).misuse().contains("--output"));
    assertTrue(
        CommandRun.of("train", "--images", folder, "-o", output).misuse().contains("--labels"));
  }

  @Test
  void tuningFromScratchIsRefused() throws IOException {
    Files.writeString(config, Files.readString(config) + "  tuning: {lora: {rank: 2}}\n");
    String error =
        CommandRun.of("train", "--config", config, "-o", output, "--from-scratch").misuse();
    assertTrue(error.contains("tuning is LoRa[rank=2"), error);
    assertTrue(error.contains("set training.tuning to full"), error);
    String preset =
        CommandRun.of(
                "train", "--preset", "gtx3080", "--from-scratch", "--model", model, "-o", output)
            .misuse();
    assertTrue(preset.contains("tuning is Blocks[blocks=[11]]"), preset);
  }

  @Test
  void anUnknownPresetIsNamed() {
    CommandRun run = CommandRun.of("train", "--preset", "gtx3081", "-o", output);
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("did you mean gtx3080"), run.err());
  }

  @Test
  void theConfigurationIsExplained() {
    assertTrue(CommandRun.of("train", "--print-config").output().contains("validationFraction"));
  }
}
