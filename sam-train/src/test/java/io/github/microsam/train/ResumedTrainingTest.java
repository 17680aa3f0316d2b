package io.github.microsam.train;

import static io.github.microsam.train.SmallTraining.JOINT;
import static io.github.microsam.train.SmallTraining.PROMPTS;
import static io.github.microsam.train.SmallTraining.VIT;
import static io.github.microsam.train.SmallTraining.assertMessage;
import static io.github.microsam.train.SmallTraining.config;
import static io.github.microsam.train.SmallTraining.options;
import static io.github.microsam.train.SmallTraining.weights;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.data.BatchSource;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.optim.Schedule;
import io.github.microsam.weights.Checkpoint;
import io.github.microsam.weights.CheckpointReader;
import io.github.microsam.weights.CheckpointWriter;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.VitConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Trainings that ended before their end, and go on. */
class ResumedTrainingTest {
  @TempDir private Path folder;

  /** Full, and with layers that have dropout. */
  static Stream<Tuning> tunings() {
    return Stream.of(new Tuning.Full(), new Tuning.FacT(2, 0.3, List.of()));
  }

  /** A model with the layers of a tuning, always the same. */
  private SamModel begin(Tuning tuning) {
    Path plain = folder.resolve("plain.safetensors");
    try (SamModel random = SamModel.random(config(VIT), 3)) {
      random.save(plain);
    }
    try (SamWeights weights = SamWeights.open(plain)) {
      return SamModel.extended(
          weights,
          ModelOptions.defaults(),
          ParameterSelection.adapter(tuning, (VitConfig) VIT),
          Optional.empty(),
          7);
    }
  }

  @ParameterizedTest
  @MethodSource("tunings")
  void anInterruptedTrainingEndsWithTheSameWeightsBitForBit(Tuning tuning) {
    TrainingOptions options =
        options(new Scheme.Joint(PROMPTS, DistanceLoss.defaults(), Scheme.Update.TWO_STEPS))
            .withTuning(tuning)
            .withSchedule(new Schedule.Plateau(0.5, 0));
    Map<String, float[]> whole;
    Map<String, Long> counts;
    try (SamModel model = begin(tuning);
        Trainer trainer =
            new Trainer(
                model, options, Discs.of(3), Discs.of(1), folder.resolve("whole.safetensors"))) {
      assertEquals(TrainingResult.End.DONE, trainer.run(TrainingListener.NONE).end());
      whole = weights(model);
      counts = model.batchCounters().counts();
    }
    Path output = folder.resolve("parts.safetensors");
    int interruptions = 0;
    TrainingResult.End end = TrainingResult.End.STOPPED;
    Map<String, float[]> parts = Map.of();
    while (end == TrainingResult.End.STOPPED) {
      try (SamModel model = begin(tuning);
          Trainer trainer = new Trainer(model, options, Discs.of(3), Discs.of(1), output)) {
        if (interruptions > 0) {
          trainer.resume();
        }
        end = trainer.run(stopEvery(trainer, 2)).end();
        parts = weights(model);
        if (end == TrainingResult.End.DONE) {
          assertEquals(counts, model.batchCounters().counts());
        }
      }
      interruptions++;
    }
    assertTrue(interruptions > 2, interruptions + " runs");
    for (Map.Entry<String, float[]> e : whole.entrySet()) {
      assertArrayEquals(e.getValue(), parts.get(e.getKey()), e.getKey());
    }
  }

  private static TrainingListener stopEvery(Trainer trainer, int batches) {
    return new TrainingListener() {
      private int seen;

      @Override
      public void step(StepReport report) {
        if (++seen == batches) {
          trainer.stop();
        }
      }
    };
  }

  @Test
  void aResumedTrainingMustBeTheSameOne() {
    Path output = folder.resolve("m.safetensors");
    TrainingOptions options = options(Scheme.Automatic.defaults());
    try (SamModel model = SamModel.random(config(VIT), 3);
        Trainer none = new Trainer(model, options, Discs.of(1), Discs.of(1), output)) {
      assertMessage("no training to resume", none::resume);
      none.run(TrainingListener.NONE);
    }
    try (SamModel model = SamModel.random(config(VIT), 9);
        Trainer other = new Trainer(model, options, Discs.of(1), Discs.of(1), output)) {
      assertMessage("another model", other::resume);
    }
    try (SamModel model = SamModel.random(config(VIT), 3);
        Trainer other =
            new Trainer(model, options.withClipNorm(2), Discs.of(1), Discs.of(1), output)) {
      assertMessage("other options", other::resume);
    }
  }

  @Test
  void whatDiffersWhenATrainingIsResumedIsNamed() {
    Path output = folder.resolve("m.safetensors");
    TrainingOptions options =
        options(new Scheme.Interactive(PROMPTS)).withEpochs(1).withMaxIterations(2);
    runOn(options, described(Discs.of(3), "PatchOptions[width=64, minSize=25]"), output, false);
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () ->
                runOn(
                    options
                        .withClipNorm(2)
                        .withScheme(new Scheme.Interactive(PROMPTS.withMaxObjects(7))),
                    described(Discs.of(3), "PatchOptions[width=128, minSize=25]"),
                    output,
                    true));
    for (String line :
        List.of(
            "clipNorm was 1.0, is 2.0",
            "scheme.prompts.maxObjects was 2, is 7",
            "training patches.width was 64, is 128")) {
      assertTrue(e.getMessage().contains(line), e.getMessage());
    }
    assertFalse(e.getMessage().contains("minSize"), e.getMessage());
    assertMessage(
        "batches of an epoch was 3, is 2", () -> runOn(options, Discs.of(2), output, true));
    runOn(options, Discs.of(3), output, true); // says nothing about itself
  }

  private static BatchSource described(Discs discs, String patches) {
    return new BatchSource() {
      @Override
      public int batches() {
        return discs.batches();
      }

      @Override
      public List<Sample> batch(int epoch, int index) {
        return discs.batch(epoch, index);
      }

      @Override
      public Map<String, String> settings() {
        return Map.of("patches", patches);
      }
    };
  }

  /** Trains the same model as always; its reports of epochs. */
  private static List<TrainingListener.EpochReport> runOn(
      TrainingOptions options, BatchSource batches, Path output, boolean resume) {
    List<TrainingListener.EpochReport> reports = new ArrayList<>();
    try (SamModel model = SamModel.random(config(VIT), 3);
        Trainer trainer = new Trainer(model, options, batches, Discs.of(1), output)) {
      if (resume) {
        trainer.resume();
      }
      trainer.run(
          new TrainingListener() {
            @Override
            public void validated(EpochReport report) {
              reports.add(report);
            }
          });
    }
    return reports;
  }

  @Test
  void aStateOfAnOlderVersionIsResumed() {
    Path output = folder.resolve("m.safetensors");
    TrainingOptions options =
        options(new Scheme.Interactive(PROMPTS))
            .withFrozen(Set.of(ModelPart.IMAGE_ENCODER, ModelPart.PROMPT_ENCODER))
            .withEpochs(1);
    runOn(options.withMaxIterations(2), Discs.of(3), output, false);
    String frozen = "frozen=[IMAGE_ENCODER, PROMPT_ENCODER]";
    assertTrue(options.toString().contains(frozen), options.toString());
    rewriteState(
        output,
        metadata -> {
          metadata.keySet().removeIf(key -> key.contains(".setting.") || key.contains("epochLoss"));
          metadata.computeIfPresent(
              "microsam.training.options",
              (key, text) ->
                  text.replace(frozen, "frozen=[PROMPT_ENCODER, IMAGE_ENCODER]")
                      .replace("maxIterations=2", "maxIterations=0"));
        });
    assertMessage(
        "2 batches of an epoch were done, it has 1",
        () -> runOn(options, Discs.of(1), output, true));
    assertEquals(3, runOn(options, Discs.of(3), output, true).get(0).iteration());
  }

  private static void rewriteState(Path output, Consumer<Map<String, String>> change) {
    Path file = Trainer.stateFile(output);
    Path changed = file.resolveSibling("changed.safetensors");
    try (Checkpoint checkpoint = CheckpointReader.open(file)) {
      Map<String, String> metadata = new TreeMap<>(checkpoint.metadata());
      change.accept(metadata);
      CheckpointWriter.write(changed, List.copyOf(checkpoint.tensors().values()), metadata);
      Files.move(changed, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aTrainingThatEndedWithinAnEpochGoesOnThere() {
    TrainingOptions options =
        options(JOINT).withSchedule(new Schedule.Plateau(0.5, 0)).withAccumulation(2).withEpochs(3);
    Path whole = folder.resolve("whole.safetensors");
    Path parts = folder.resolve("parts.safetensors");
    List<TrainingListener.EpochReport> expected = runOn(options, Discs.of(3), whole, false);
    // The batch after the fourth belongs to the same step.
    var first = runOn(options.withMaxIterations(4), Discs.of(3), parts, false);
    assertEquals(List.of(3L, 5L), first.stream().map(r -> r.iteration()).toList());
    var second = runOn(options.withEpochs(2), Discs.of(3), parts, true);
    assertEquals(expected.get(1).training(), second.get(0).training(), "losses of all batches");
    var third = runOn(options, Discs.of(3), parts, true);
    assertEquals(expected.get(2), third.get(0));
    assertEquals(states(whole), states(parts));
  }

  /** Every array of the state, as text. */
  private static Map<String, String> states(Path output) {
    Map<String, String> all = new TreeMap<>();
    try (Checkpoint checkpoint = CheckpointReader.open(Trainer.stateFile(output))) {
      checkpoint.tensors().forEach((key, t) -> all.put(key, Arrays.toString(t.toFloats())));
    }
    return all;
  }
}
