package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.io.LabelFile;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
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
  void aTableOfOtherColumnsIsToldAsWhatItIs() throws IOException {
    CommandRun.of("train", "--config", config, "-o", output).output();
    Path table = TrainProgress.beside(output, "steps.csv");
    Files.writeString(table, "batch,loss\n1,0.5\n");
    CommandRun run = CommandRun.of("train", "--config", config, "-o", output, "--resume");
    assertEquals(1, run.exitCode());
    String told = run.err();
    assertTrue(told.contains("steps.csv has the columns [batch, loss], expected"), told);
    assertFalse(told.contains("should not happen"), told);
    assertEquals("batch,loss\n1,0.5\n", Files.readString(table));
  }

  @Test
  void aTrainingThatEndedEarlyAndWasExtendedHasTheTablesOfOneThatWasNot() throws IOException {
    CommandRun.of("train", "--config", config, "-o", output, "--epochs", 3).output();
    Path parts = folder.resolve("parts.safetensors");
    String settings = Files.readString(config);
    Files.writeString(config, settings + "  maxIterations: 3\n");
    String out = CommandRun.of("train", "--config", config, "-o", parts).output();
    assertTrue(out.contains("Done after 3 batches."), out);
    assertEquals(3, Files.readAllLines(TrainProgress.beside(parts, "epochs.csv")).size());
    Files.writeString(config, settings);
    CommandRun.of("train", "--config", config, "-o", parts, "--resume").output();
    out =
        CommandRun.of("train", "--config", config, "-o", parts, "--resume", "--epochs", 3).output();
    assertTrue(out.contains("4 are done"), out);
    assertTrue(out.contains("Done after 6 batches."), out);
    for (String table : List.of("steps.csv", "epochs.csv")) {
      assertEquals(
          Files.readString(TrainProgress.beside(output, table)),
          Files.readString(TrainProgress.beside(parts, table)),
          table);
    }
  }

  @Test
  void otherDataAreNamedWhenATrainingIsResumed() throws IOException {
    CommandRun.of("train", "--config", config, "-o", output, "--epochs", 1).output();
    Files.writeString(
        config, Files.readString(config).replace("width: 64, height: 64", "width: 48, height: 64"));
    Path label = labels().get(0);
    Files.delete(folder.resolve("images").resolve(label.getFileName()));
    Files.delete(label);
    String err = listOfProblems("--resume");
    assertTrue(err.contains("training patches.width was 64, is 48"), err);
    assertTrue(err.contains("training images was 3 planes of 3 files"), err);
  }

  /** What a training that is refused says, more than a line. */
  private String listOfProblems(String option) {
    CommandRun run = CommandRun.of("train", "--config", config, "-o", output, option);
    assertEquals(1, run.exitCode());
    assertFalse(run.err().contains("This should not happen"), run.err());
    return run.err();
  }

  @Test
  void whatIsReplacedStaysUntilTheNewTrainingCanBegin() throws IOException {
    CommandRun.of("train", "--config", config, "-o", output, "--epochs", 1).output();
    Path label = labels().get(0);
    Path image = folder.resolve("images").resolve(label.getFileName());
    Files.writeString(label, "no image");
    Files.writeString(image, "no image");
    String err = listOfProblems("--overwrite");
    assertTrue(err.contains(label.toString()), err);
    assertTrue(err.contains(image.toString()), err);
    for (String ending : List.of("steps.csv", "epochs.csv", "state.safetensors")) {
      assertTrue(Files.exists(TrainProgress.beside(output, ending)), ending);
    }
    Files.delete(label);
    Files.delete(image);
    String out =
        CommandRun.of("train", "--config", config, "-o", output, "--overwrite", "--epochs", 1)
            .output();
    assertTrue(out.contains("Done after 2 batches."), out);
    assertEquals(3, Files.readAllLines(TrainProgress.beside(output, "steps.csv")).size());
  }

  @Test
  void oneImageNeedsAnotherForValidation() throws IOException {
    Path label = labels().get(0);
    Path image = folder.resolve("images").resolve(label.getFileName());
    Object[] arguments = {
      "train", "--config", config, "--images", image, "--labels", label, "-o", output, "--dry-run"
    };
    String err = CommandRun.of(arguments).failure();
    assertTrue(err.contains("--validation-images"), err);
    assertFalse(err.contains("This should not happen"), err);
    Object[] more = Arrays.copyOf(arguments, arguments.length + 4);
    Path other = labels().get(1);
    more[arguments.length] = "--validation-images";
    more[arguments.length + 1] = folder.resolve("images").resolve(other.getFileName());
    more[arguments.length + 2] = "--validation-labels";
    more[arguments.length + 3] = other;
    assertTrue(CommandRun.of(more).output().contains("parameters are trained"));
    assertTrue(
        CommandRun.of("train", "--validation-images", image, "-o", output)
            .misuse()
            .contains("--validation-labels"));
  }

  @Test
  void classesAreCheckedAndTrained() throws IOException {
    String settings = Files.readString(config);
    String semantic =
        settings.substring(0, settings.indexOf("  scheme:")) + "  scheme: semantic\n  epochs: 1\n";
    Files.writeString(config, semantic);
    List<Path> labels = labels();
    for (Path label : labels) {
      LabelFile.write(label, classes(2));
    }
    LabelFile.write(labels.get(1), classes(5));
    LabelFile.write(labels.get(3), classes(3));
    String err = listOfProblems("--quiet");
    assertTrue(err.contains("2 problems"), err);
    assertTrue(err.contains(labels.get(1) + " has the class 5, expected 0 to 2"), err);
    assertTrue(err.contains(labels.get(3) + " has the class 3, expected 0 to 2"), err);
    LabelFile.write(labels.get(1), classes(1));
    LabelFile.write(labels.get(3), classes(2));
    String out = CommandRun.of("train", "--config", config, "-o", output).output();
    assertTrue(out.contains("Done after 2 batches."), out);
  }

  /** Two pieces of each class, from 0. */
  private static RandomAccessibleInterval<UnsignedIntType> classes(int largest) {
    int[] values = new int[64 * 64];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 64 / 8 % (largest + 1);
    }
    return ArrayImgs.unsignedInts(values, 64, 64);
  }

  private List<Path> labels() throws IOException {
    try (var files = Files.list(folder.resolve("labels"))) {
      return files.sorted().toList();
    }
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
    List<Path> labels = labels();
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
