package io.github.microsam.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.loss.SemanticLoss;
import io.github.microsam.train.optim.Schedule;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.step.Parameters;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The loop, with a model so small that a step takes milliseconds. */
class TrainerTest {
  private static final EncoderConfig VIT = new VitConfig(64, 16, 16, 2, 2, 32, 2, List.of(1), 16);
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

  @Test
  void anInterruptedTrainingEndsWithTheSameWeightsBitForBit() {
    TrainingOptions options =
        options(new Scheme.Joint(PROMPTS, DistanceLoss.defaults(), Scheme.Update.TWO_STEPS))
            .withSchedule(new Schedule.Plateau(0.5, 0));
    Map<String, float[]> whole;
    try (SamModel model = SamModel.random(config(VIT), 3);
        Trainer trainer =
            new Trainer(
                model, options, Discs.of(3), Discs.of(1), folder.resolve("whole.safetensors"))) {
      assertEquals(TrainingResult.End.DONE, trainer.run(TrainingListener.NONE).end());
      whole = weights(model);
    }
    Path output = folder.resolve("parts.safetensors");
    int interruptions = 0;
    TrainingResult.End end = TrainingResult.End.STOPPED;
    Map<String, float[]> parts = Map.of();
    while (end == TrainingResult.End.STOPPED) {
      try (SamModel model = SamModel.random(config(VIT), 3);
          Trainer trainer = new Trainer(model, options, Discs.of(3), Discs.of(1), output)) {
        if (interruptions > 0) {
          trainer.resume();
        }
        end = trainer.run(stopEvery(trainer, 2)).end();
        parts = weights(model);
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
    TinyVitConfig tiny =
        new TinyVitConfig(
            64,
            List.of(8, 8, 16, 16),
            List.of(1, 1, 1, 1),
            List.of(1, 2, 2, 2),
            List.of(2, 2, 2, 2),
            16);
    List<String> changed = changedBy(tiny, options(JOINT).withEpochs(1), Discs.of(2));
    assertTrue(
        changed.contains("image_encoder.patch_embed.seq.0.bn.running_var"), changed.toString());
    assertTrue(changed.contains("image_encoder.patch_embed.seq.0.c.weight"));
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
