package io.github.microsam.train;

import static io.github.microsam.train.SmallTraining.JOINT;
import static io.github.microsam.train.SmallTraining.PROMPTS;
import static io.github.microsam.train.SmallTraining.TINY;
import static io.github.microsam.train.SmallTraining.VIT;
import static io.github.microsam.train.SmallTraining.assertMessage;
import static io.github.microsam.train.SmallTraining.config;
import static io.github.microsam.train.SmallTraining.options;
import static io.github.microsam.train.SmallTraining.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.loss.SemanticLoss;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.SamWeights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop. */
class TrainerTest {
  @TempDir private Path folder;

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
