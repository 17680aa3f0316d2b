package io.github.microsam.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.data.BatchSource;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.loss.SemanticLoss;
import io.github.microsam.train.optim.Schedule;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.step.Parameters;
import io.github.microsam.weights.Checkpoint;
import io.github.microsam.weights.CheckpointReader;
import io.github.microsam.weights.CheckpointWriter;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The loop, with a model so small that a step takes milliseconds. */
class TrainerTest {
  private static final EncoderConfig VIT = new VitConfig(64, 16, 16, 2, 2, 32, 2, List.of(1), 16);
  private static final TinyVitConfig TINY =
      new TinyVitConfig(
          64,
          List.of(8, 8, 16, 16),
          List.of(1, 1, 1, 1),
          List.of(1, 2, 2, 2),
          List.of(2, 2, 2, 2),
          16);
  private static final PromptScheme PROMPTS =
      PromptScheme.defaults().withSubIterations(2).withMaxObjects(2);
  private static final Scheme JOINT =
      new Scheme.Joint(PROMPTS, DistanceLoss.defaults(), Scheme.Update.ONE_STEP);

  @TempDir private Path folder;

  static SamConfig config(EncoderConfig encoder) {
    return new SamConfig(
        encoder,
        new MaskDecoderConfig(3, 2, 2, 32, 3, 16, 8),
        Optional.of(new UnetrConfig(2, 4, false, 3)));
  }

  private static TrainingOptions options(Scheme scheme) {
    return TrainingOptions.defaults()
        .withScheme(scheme)
        .withRule(UpdateRule.AdamW.of(1e-3))
        .withSchedule(new Schedule.WarmupCosine(2, 0))
        .withEpochs(2)
        .withClipNorm(1)
        .withAverageDecay(0.9);
  }

  private static Map<String, float[]> weights(SamModel model) {
    Map<String, INDArray> all = Parameters.of(model);
    all.putAll(Parameters.runningStatistics(model));
    Map<String, float[]> copy = new TreeMap<>();
    all.forEach((key, array) -> copy.put(key, NativeFloats.read(array)));
    return copy;
  }

  private static List<String> changed(Map<String, float[]> before, Map<String, float[]> after) {
    List<String> keys = new ArrayList<>();
    before.forEach(
        (key, array) -> {
          if (!Arrays.equals(array, after.get(key))) {
            keys.add(key);
          }
        });
    return keys;
  }

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
  void jointTrainingLearnsAndSavesItsBestModelWithTheReferencesKeys() {
    Path output = folder.resolve("model.pt");
    List<Double> metrics = new ArrayList<>();
    try (SamModel model = SamModel.random(config(VIT), 4);
        Trainer trainer =
            new Trainer(model, options(JOINT).withEpochs(3), Discs.of(6), Discs.of(4), output)) {
      TrainingResult result =
          trainer.run(
              new TrainingListener() {
                @Override
                public void validated(EpochReport report) {
                  metrics.add(report.metric());
                }
              });
      assertEquals(18, result.iterations());
      assertEquals(metrics.stream().mapToDouble(m -> m).min().orElseThrow(), result.bestMetric());
    }
    assertTrue(metrics.get(2) < metrics.get(0), metrics.toString());
    try (SamWeights saved = SamWeights.open(output)) {
      saved.requireComplete();
      assertEquals("micro-sam export", saved.layout().description());
    }
  }

  @Test
  void memoryIsToldWithoutTakingIt() {
    Path output = folder.resolve("m.safetensors");
    try (SamModel model = SamModel.random(config(VIT), 4);
        Trainer trainer = new Trainer(model, options(JOINT), Discs.of(1), Discs.of(1), output)) {
      long told = trainer.intermediateBytes(false);
      assertTrue(told > 0);
      assertEquals(told, trainer.intermediateBytes(true));
    }
  }

  @Test
  void whatIsFrozenStaysAndHasNoState() {
    TrainingOptions options =
        options(new Scheme.Interactive(PROMPTS))
            .withFrozen(Set.of(ModelPart.IMAGE_ENCODER, ModelPart.PROMPT_ENCODER))
            .withEpochs(1);
    List<String> changed = changedBy(VIT, options, Discs.of(2));
    assertFalse(changed.isEmpty());
    assertTrue(changed.stream().allMatch(k -> k.startsWith("mask_decoder.")), changed.toString());
  }

  @Test
  void automaticTrainingLeavesThePromptsAlone() {
    List<String> changed = changedBy(VIT, options(Scheme.Automatic.defaults()), Discs.of(2));
    assertTrue(changed.contains("out_conv.weight"));
    assertTrue(changed.contains("deconv1.block.2.running_mean"));
    assertTrue(changed.contains("image_encoder.patch_embed.proj.weight"));
    assertFalse(
        changed.stream().anyMatch(k -> k.startsWith("mask_decoder") || k.startsWith("prompt_")));
  }

  @Test
  void boxOnlyTrainingLeavesPointsAlone() {
    List<String> changed =
        changedBy(
            VIT,
            options(new Scheme.Interactive(PromptScheme.fixed(PromptScheme.Start.BOX))),
            Discs.of(2));
    assertTrue(changed.contains("prompt_encoder.point_embeddings.3.weight"));
    assertTrue(changed.contains("prompt_encoder.no_mask_embed.weight"));
    assertFalse(changed.contains("prompt_encoder.point_embeddings.1.weight"));
    assertFalse(changed.contains("prompt_encoder.mask_downscaling.0.weight"));
    assertFalse(changed.contains("out_conv.weight"));
  }

  @Test
  void semanticTrainingNeedsNoPrompts() {
    Discs classes = new Discs(64, 2, 2, 5, true);
    List<String> changed = changedBy(VIT, options(Scheme.Semantic.defaults()), classes);
    assertTrue(changed.contains("mask_decoder.mask_tokens.weight"));
    assertTrue(changed.contains("image_encoder.neck.0.weight"));
    assertFalse(changed.contains("prompt_encoder.point_embeddings.1.weight"));
  }

  @Test
  void aModelWithOtherOutputsThanClassesIsRefused() {
    Scheme five = new Scheme.Semantic(5, new SemanticLoss(OptionalDouble.empty()));
    try (SamModel model = SamModel.random(config(VIT), 3)) {
      assertMessage(
          "5 classes, but the model's mask decoder has 3 outputs",
          () ->
              new Trainer(
                  model, options(five), Discs.of(1), Discs.of(1), folder.resolve("m.safetensors")));
    }
  }

  @Test
  void theNormsOfATinyVitLearnTheirStatistics() {
    List<String> changed = changedBy(TINY, options(JOINT).withEpochs(1), Discs.of(2));
    assertTrue(
        changed.contains("image_encoder.patch_embed.seq.0.bn.running_var"), changed.toString());
    assertTrue(changed.contains("image_encoder.patch_embed.seq.0.c.weight"));
  }

  @Test
  void batchNormsCountTheForwardPassesOfTrainingAndAreSavedWithTheCount() {
    String ofEncoder = "image_encoder.patch_embed.seq.0.bn.num_batches_tracked";
    String ofDecoder = "deconv1.block.2.num_batches_tracked";
    Scheme twoSteps = new Scheme.Joint(PROMPTS, DistanceLoss.defaults(), Scheme.Update.TWO_STEPS);
    Path output = folder.resolve("m.pt");
    try (SamModel model = SamModel.random(config(TINY), 6);
        Trainer trainer =
            new Trainer(model, options(twoSteps).withEpochs(1), Discs.of(3), Discs.of(2), output)) {
      assertEquals(0, model.batchCounters().counts().get(ofEncoder));
      trainer.run(TrainingListener.NONE);
      assertEquals(6, model.batchCounters().counts().get(ofEncoder), "one for each of two steps");
      assertEquals(3, model.batchCounters().counts().get(ofDecoder), "prompts do not need it");
    }
    try (SamModel saved = SamModel.load(output);
        Trainer trainer =
            new Trainer(
                saved,
                options(twoSteps).withEpochs(1).withFrozen(Set.of(ModelPart.IMAGE_ENCODER)),
                Discs.of(1),
                Discs.of(1),
                folder.resolve("next.safetensors"))) {
      assertEquals(6, saved.batchCounters().counts().get(ofEncoder));
      trainer.run(TrainingListener.NONE);
      assertEquals(6, saved.batchCounters().counts().get(ofEncoder), "frozen");
      assertEquals(4, saved.batchCounters().counts().get(ofDecoder));
    }
  }

  private List<String> changedBy(EncoderConfig encoder, TrainingOptions options, Discs batches) {
    try (SamModel model = SamModel.random(config(encoder), 6)) {
      Map<String, float[]> before = weights(model);
      try (Trainer trainer =
          new Trainer(model, options, batches, batches, folder.resolve("m.safetensors"))) {
        trainer.run(TrainingListener.NONE);
      }
      return changed(before, weights(model));
    }
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
  void frozenPartsHaveOneOrder() {
    List<ModelPart> parts =
        List.of(ModelPart.UNETR_DECODER, ModelPart.IMAGE_ENCODER, ModelPart.PROMPT_ENCODER);
    for (int first = 0; first < 3; first++) {
      Set<ModelPart> set = new LinkedHashSet<>();
      for (int i = 0; i < 3; i++) {
        set.add(parts.get((first + i) % 3));
      }
      TrainingOptions options = TrainingOptions.defaults().withFrozen(set);
      assertEquals(
          "[IMAGE_ENCODER, PROMPT_ENCODER, UNETR_DECODER]", options.frozen().toString(), "" + set);
      set.clear();
      assertEquals(3, options.frozen().size(), "a copy");
      assertThrows(UnsupportedOperationException.class, () -> options.frozen().clear());
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

  private static void assertMessage(String part, Runnable action) {
    TrainingException e = assertThrows(TrainingException.class, action::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void trainingEndsWhenItNoLongerImproves() {
    TrainingOptions options =
        options(Scheme.Automatic.defaults())
            .withRule(UpdateRule.AdamW.of(1e-12))
            .withAverageDecay(0)
            .withEpochs(50)
            .withPatience(2);
    try (SamModel model = SamModel.random(config(VIT), 3);
        Trainer trainer =
            new Trainer(
                model,
                options.withFrozen(Set.of(ModelPart.IMAGE_ENCODER)),
                Discs.of(1),
                Discs.of(1),
                folder.resolve("m.safetensors"))) {
      TrainingResult result = trainer.run(TrainingListener.NONE);
      assertEquals(TrainingResult.End.NO_IMPROVEMENT, result.end());
      assertTrue(result.iterations() < 20, result.toString());
      assertTrue(Files.exists(Trainer.stateFile(folder.resolve("m.safetensors"))));
    }
  }

  @Test
  void accumulatedBatchesMakeOneStep() {
    TrainingOptions options = options(Scheme.Automatic.defaults()).withEpochs(1);
    List<Double> rates = new ArrayList<>();
    try (SamModel model = SamModel.random(config(VIT), ModelOptions.defaults(), 3);
        Trainer trainer =
            new Trainer(
                model,
                options.withAccumulation(2),
                Discs.of(5),
                Discs.of(1),
                folder.resolve("m.safetensors"))) {
      trainer.run(
          new TrainingListener() {
            @Override
            public void step(StepReport report) {
              rates.add(report.learningRate());
            }
          });
    }
    assertEquals(rates.get(0), rates.get(1));
    assertTrue(rates.get(2) > rates.get(1), rates.toString());
    assertEquals(rates.get(2), rates.get(3));
  }
}
