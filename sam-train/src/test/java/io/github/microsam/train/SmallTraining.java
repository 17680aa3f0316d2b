package io.github.microsam.train;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.SamModel;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.optim.Schedule;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.step.Parameters;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Models so small that a step of their training takes milliseconds. */
final class SmallTraining {
  static final EncoderConfig VIT = new VitConfig(64, 16, 16, 2, 2, 32, 2, List.of(1), 16);
  static final TinyVitConfig TINY =
      new TinyVitConfig(
          64,
          List.of(8, 8, 16, 16),
          List.of(1, 1, 1, 1),
          List.of(1, 2, 2, 2),
          List.of(2, 2, 2, 2),
          16);
  static final PromptScheme PROMPTS =
      PromptScheme.defaults().withSubIterations(2).withMaxObjects(2);
  static final Scheme JOINT =
      new Scheme.Joint(PROMPTS, DistanceLoss.defaults(), Scheme.Update.ONE_STEP);

  private SmallTraining() {}

  static SamConfig config(EncoderConfig encoder) {
    return new SamConfig(
        encoder,
        new MaskDecoderConfig(3, 2, 2, 32, 3, 16, 8),
        Optional.of(new UnetrConfig(2, 4, false, 3)));
  }

  static TrainingOptions options(Scheme scheme) {
    return TrainingOptions.defaults()
        .withScheme(scheme)
        .withRule(UpdateRule.AdamW.of(1e-3))
        .withSchedule(new Schedule.WarmupCosine(2, 0))
        .withEpochs(2)
        .withClipNorm(1)
        .withAverageDecay(0.9);
  }

  static Map<String, float[]> weights(SamModel model) {
    Map<String, INDArray> all = Parameters.of(model);
    all.putAll(Parameters.runningStatistics(model));
    Map<String, float[]> copy = new TreeMap<>();
    all.forEach((key, array) -> copy.put(key, NativeFloats.read(array)));
    return copy;
  }

  static void assertMessage(String part, Runnable action) {
    TrainingException e = assertThrows(TrainingException.class, action::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
