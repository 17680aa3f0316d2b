package io.github.microsam.train.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import io.github.microsam.golden.Golden;
import io.github.microsam.train.array.NativeFloats;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Trajectories of parameters against those of torch.optim. */
class OptimizerGoldenTest {
  private static final int STEPS = 6;
  private static final int SKIPPED = 3;
  private final Golden golden = Golden.open("optim");

  private static UpdateRule rule(String name) {
    return switch (name) {
      case "adamw_lr1e-3" -> UpdateRule.AdamW.of(1e-3);
      case "adamw_lr1e-5" -> UpdateRule.AdamW.of(1e-5);
      case "adam_lr1e-3" -> UpdateRule.Adam.of(1e-3);
      case "adam_wd" -> new UpdateRule.Adam(1e-3, 0.9, 0.999, 1e-8, 0.1);
      default -> new UpdateRule.Sgd(1e-2, 0.9, 0);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw_lr1e-3", "adamw_lr1e-5", "adam_lr1e-3", "adam_wd", "sgd_mom"})
  void parametersGoTheReferencesWay(String name) {
    golden.assertMatches(name, new long[] {STEPS, 20}, trajectory(rule(name), false, STEPS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw_lr1e-3", "adamw_lr1e-5", "adam_lr1e-3", "adam_wd", "sgd_mom"})
  void aParameterWithoutGradientStaysAndIsNotCounted(String name) {
    golden.assertMatches(
        name + "_skip", new long[] {STEPS, 20}, trajectory(rule(name), true, STEPS));
  }

  @Test
  void aRestoredOptimizerGoesOnBitForBit() {
    UpdateRule rule = UpdateRule.AdamW.of(1e-3);
    float[] whole = trajectory(rule, true, STEPS);
    float[] gradients = golden.array("grads").floats();
    INDArray first = Nd4j.createFromArray(golden.array("p0").floats());
    Optimizer before = new Optimizer(rule, Map.of("p", first), key -> 1);
    for (int s = 0; s < 2; s++) {
      before.step(Map.of("p", gradient(gradients, s)), 1, rule.learningRate());
    }
    Optimizer after = new Optimizer(rule, Map.of("p", first), key -> 1);
    after.restore(before.state(), before.steps());
    for (int s = 2; s < STEPS; s++) {
      if (s != SKIPPED) {
        after.step(Map.of("p", gradient(gradients, s)), 1, rule.learningRate());
      }
    }
    float[] end = new float[20];
    System.arraycopy(whole, (STEPS - 1) * 20, end, 0, 20);
    assertArrayEquals(end, NativeFloats.read(first));
    assertEquals(Map.of("p", 5L), after.steps());
  }

  private float[] trajectory(UpdateRule rule, boolean skip, int steps) {
    float[] gradients = golden.array("grads").floats();
    float[] out = new float[steps * 20];
    INDArray p = Nd4j.createFromArray(golden.array("p0").floats());
    try (Optimizer optimizer = new Optimizer(rule, Map.of("p", p), key -> 1)) {
      for (int s = 0; s < steps; s++) {
        Map<String, INDArray> g =
            skip && s == SKIPPED ? Map.of() : Map.of("p", gradient(gradients, s));
        optimizer.step(g, 1, rule.learningRate());
        NativeFloats.read(p, 0, out, s * 20, 20);
      }
    }
    return out;
  }

  private static INDArray gradient(float[] all, int step) {
    float[] g = new float[20];
    System.arraycopy(all, step * 20, g, 0, 20);
    return Nd4j.createFromArray(g);
  }

  @Test
  void aGradientOfNoParameterIsRefused() {
    try (Optimizer optimizer =
        new Optimizer(UpdateRule.Adam.of(1), Map.of("p", Nd4j.zeros(2)), key -> 1)) {
      assertThrows(
          IllegalArgumentException.class, () -> optimizer.step(Map.of("q", Nd4j.zeros(2)), 1, 1));
    }
  }

  @Test
  void aPlateauLowersTheRateWhereTheReferenceDoes() {
    JsonObject plateau = golden.scalars().getAsJsonObject("plateau");
    LearningRate rate =
        new LearningRate(
            new Schedule.Plateau(
                plateau.get("factor").getAsDouble(), plateau.get("patience").getAsInt()),
            1e-5,
            0);
    for (int i = 0; i < plateau.getAsJsonArray("metrics").size(); i++) {
      rate.validated(plateau.getAsJsonArray("metrics").get(i).getAsDouble());
      assertEquals(
          plateau.getAsJsonArray("lr").get(i).getAsDouble(), rate.at(i), 1e-18, "after epoch " + i);
    }
  }
}
