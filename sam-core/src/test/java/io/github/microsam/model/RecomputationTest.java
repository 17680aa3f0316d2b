package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.EngineOptions;
import io.github.microsam.engine.GradientPlan;
import io.github.microsam.engine.KernelProviders;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Backward passes that compute again what they read of the forward pass. */
class RecomputationTest {
  private final Random random = new Random(11);
  private final Scope root =
      new Scope(SameDiff.create(), DataType.FLOAT, RecomputationTest::weights, "");

  private static INDArray weights(String key, Init init, DataType type, long... shape) {
    INDArray array = GradientCheck.array(new Random(key.hashCode()), type, shape);
    if (key.endsWith("running_var")) {
      return array.addi(1.2);
    }
    return shape.length > 1 ? array.divi(Math.sqrt((double) array.length() / shape[0])) : array;
  }

  private SDVariable input(long... shape) {
    return root.sd().placeHolder("x", DataType.FLOAT, shape);
  }

  /** Fails unless all gradients are the same, and need at most a share of the memory. */
  private void assertSpares(double share, long... shape) {
    SameDiff sd = root.sd();
    List<String> targets = new ArrayList<>(List.of("x"));
    sd.variables().stream()
        .filter(v -> v.getVariableType() == VariableType.VARIABLE)
        .forEach(v -> targets.add(v.name()));
    Map<String, INDArray> in = Map.of("x", GradientCheck.array(random, DataType.FLOAT, shape));
    EngineOptions options = EngineOptions.defaults();
    try (Engine keeping = engine(options);
        Engine again = engine(options.withRecompute(true))) {
      GradientPlan expected = keeping.gradientPlan(in, List.of("y"), targets);
      GradientPlan actual = again.gradientPlan(in, List.of("y"), targets);
      assertEquals(expected.forwardSteps(), actual.forwardSteps());
      assertTrue(actual.backwardSteps() > expected.backwardSteps(), "nothing is computed again");
      double needed = (double) actual.arenaBytes() / expected.arenaBytes();
      assertTrue(needed <= share, "it needs " + needed + " of the memory");
      INDArray y = expected.forward(in).get("y");
      INDArray seed = GradientCheck.array(random, DataType.FLOAT, y.shape());
      Map<String, float[]> gradients = new LinkedHashMap<>();
      expected
          .backward(Map.of("y", seed))
          .forEach((name, g) -> gradients.put(name, g.dup('c').data().asFloat()));
      // Twice, because the second time finds the memory as the first one left it.
      for (int i = 0; i < 2; i++) {
        assertArrayEquals(y.data().asFloat(), actual.forward(in).get("y").data().asFloat());
        Map<String, INDArray> found = actual.backward(Map.of("y", seed));
        assertEquals(gradients.keySet(), found.keySet());
        gradients.forEach(
            (name, g) -> assertArrayEquals(g, found.get(name).dup('c').data().asFloat(), name));
      }
    }
  }

  private Engine engine(EngineOptions options) {
    return new Engine(root.sd(), root.regions(), KernelProviders.available(), options);
  }

  @Test
  void visionTransformer() {
    VitConfig config = new VitConfig(128, 8, 48, 8, 4, 192, 8, List.of(3, 7), 7);
    ImageEncoder.add(root.at("encoder"), input(1, 3, 128, 128), config).rename("y");
    assertSpares(0.5, 1, 3, 128, 128);
  }

  @Test
  void tinyVitWithStatisticsOfTheBatch() {
    TinyVitConfig config =
        new TinyVitConfig(
            64, List.of(8, 12, 16), List.of(2, 2, 4), List.of(1, 2, 2), List.of(7, 4, 4), 8);
    TinyVit.add(
            root.at("encoder"),
            input(2, 3, 64, 64),
            config,
            AttentionBiases.LEARNED,
            BatchStatistics.BATCH)
        .rename("y");
    assertSpares(0.8, 2, 3, 64, 64);
  }

  @Test
  void unetrDecoder() {
    UnetrConfig config = new UnetrConfig(4, 3, false, 3);
    UnetrDecoder.add(root, input(1, 8, 8, 8), config, 8, 8, BatchStatistics.BATCH).rename("y");
    assertSpares(0.99, 1, 8, 8, 8);
  }
}
