package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class EngineTest {

  /**
   * Attention with two axes known at run time only, a reduction, a broadcast, a comparison and a
   * convolution.
   */
  private static SameDiff graph() {
    SameDiff sd = SameDiff.create();
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, -1, 8);
    SDVariable w = sd.var("w", Nd4j.rand(DataType.FLOAT, 6, 8).subi(0.5));
    SDVariable b = sd.var("b", Nd4j.rand(DataType.FLOAT, 6));
    SDVariable rows = sd.mmul(sd.reshape(x, -1, 8), w, false, true, false).add(b);
    SDVariable shape =
        sd.concat(
            0,
            sd.shape(x).get(SDIndex.interval(0, 2)),
            sd.constant(Nd4j.createFromArray(new long[] {3, 2})));
    SDVariable heads = sd.permute(sd.reshape(rows, shape), 0, 2, 1, 3);
    SDVariable attention = sd.nn().softmax(sd.mmul(heads, heads, false, true, false), -1);
    SDVariable mixed = sd.mmul(attention, heads).rename("mixed");
    SDVariable centred = mixed.sub(mixed.mean(true, 3));
    SDVariable sign = centred.gt(0).castTo(DataType.FLOAT);
    sd.math().erf(centred.mul(sign)).rename("y");
    SDVariable weights = sd.var("conv", Nd4j.rand(DataType.FLOAT, 1, 1, 3, 4));
    sd.cnn()
        .conv2d(
            mixed,
            weights,
            org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig.builder()
                .kH(1)
                .kW(1)
                .build())
        .rename("z");
    return sd;
  }

  @Test
  void givesTheSameAnswersAsSameDiffForEveryShape() {
    SameDiff sd = graph();
    try (Engine engine = new Engine(sd)) {
      for (int[] size : new int[][] {{1, 3}, {2, 5}, {4, 1}, {2, 5}, {1, 3}}) {
        INDArray x = Nd4j.rand(DataType.FLOAT, size[0], size[1], 8);
        Map<String, INDArray> expected = sd.output(Map.of("x", x), "y", "mixed", "z");
        Map<String, INDArray> actual = engine.run(Map.of("x", x), List.of("y", "mixed", "z"));
        assertEquals(List.of("y", "mixed", "z"), List.copyOf(actual.keySet()));
        expected.forEach(
            (name, array) -> {
              assertArrayEquals(array.shape(), actual.get(name).shape());
              assertArrayEquals(
                  array.dup('c').data().asFloat(), actual.get(name).data().asFloat(), 1e-6f, name);
            });
      }
    }
  }

  /** Of plans without gradients. */
  private static final int MAX_PLANS = 8;

  /** Of plans with gradients. */
  private static final int MAX_GRADIENT_PLANS = 96;

  private static Map<String, INDArray> input(int rows) {
    return Map.of("x", Nd4j.ones(DataType.FLOAT, 1, rows, 8));
  }

  @Test
  void theLastFewPlansAreKeptAndNoMore() {
    try (Engine engine = new Engine(graph())) {
      List<String> y = List.of("y");
      List<Plan> plans = new ArrayList<>();
      for (int n = 1; n <= MAX_PLANS; n++) {
        plans.add(engine.plan(input(n), y));
      }
      for (int n = 1; n <= MAX_PLANS; n++) {
        assertSame(plans.get(n - 1), engine.plan(input(n), y), n + " rows");
      }
      assertSame(plans.get(0), engine.plan(input(1), y)); // now the second was used longest ago
      engine.plan(input(MAX_PLANS + 1), y);
      assertSame(plans.get(0), engine.plan(input(1), y));
      for (int n = 3; n <= MAX_PLANS; n++) {
        assertSame(plans.get(n - 1), engine.plan(input(n), y), n + " rows");
      }
      assertNotSame(plans.get(1), engine.plan(input(2), y));
    }
  }

  @Test
  void theMemoryOfPlansThatAreDroppedIsFreed() {
    SameDiff sd = SameDiff.create();
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1);
    sd.math().tanh(x.mul(2)).mul(3).rename("y");
    int length = 1 << 20;
    try (Engine engine = new Engine(sd)) {
      long before = Pointer.physicalBytes();
      long arenas = 0;
      for (int n = 0; n < 10 * MAX_PLANS; n++) {
        try (INDArray in = Nd4j.ones(DataType.FLOAT, length + n)) {
          Map<String, INDArray> inputs = Map.of("x", in);
          engine.run(inputs, List.of("y")).get("y").close();
          arenas += engine.plan(inputs, List.of("y")).arenaBytes();
        }
      }
      long growth = Pointer.physicalBytes() - before;
      assertTrue(growth < arenas / 4, growth + " bytes more, of " + arenas + " in all plans");
    }
  }

  @Test
  void theLastGradientPlansAreKeptAndNoMore() {
    SameDiff sd = SameDiff.create();
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1);
    sd.math().tanh(x.mul(2)).rename("y");
    try (Engine engine = new Engine(sd)) {
      IntFunction<GradientPlan> plan =
          n ->
              engine.gradientPlan(
                  Map.of("x", Nd4j.ones(DataType.FLOAT, n)), List.of("y"), List.of("x"));
      // The largest first, as a plan that needs more memory than there is drops the others.
      GradientPlan first = plan.apply(MAX_GRADIENT_PLANS + 1);
      GradientPlan second = plan.apply(MAX_GRADIENT_PLANS);
      for (int n = MAX_GRADIENT_PLANS - 1; n > 1; n--) {
        assertNotSame(first, plan.apply(n));
      }
      assertSame(first, plan.apply(MAX_GRADIENT_PLANS + 1));
      assertNotSame(first, plan.apply(1));
      assertSame(first, plan.apply(MAX_GRADIENT_PLANS + 1));
      assertNotSame(second, plan.apply(MAX_GRADIENT_PLANS));
    }
  }

  @Test
  void computesOnlyWhatTheOutputsNeed() {
    SameDiff sd = graph();
    INDArray x = Nd4j.rand(DataType.FLOAT, 1, 3, 8);
    try (Engine engine = new Engine(sd)) {
      int all = engine.plan(Map.of("x", x), List.of("y", "z")).stepCount();
      int some = engine.plan(Map.of("x", x), List.of("mixed")).stepCount();
      assertTrue(some < all, some + " of " + all);
    }
  }

  @Test
  void seesWeightsThatChange() {
    SameDiff sd = graph();
    INDArray x = Nd4j.rand(DataType.FLOAT, 1, 3, 8);
    try (Engine engine = new Engine(sd)) {
      engine.run(Map.of("x", x), List.of("y"));
      sd.getArrForVarName("w").muli(2);
      INDArray actual = engine.run(Map.of("x", x), List.of("y")).get("y");
      INDArray expected = sd.output(Map.of("x", x), "y").get("y");
      assertArrayEquals(expected.data().asFloat(), actual.data().asFloat(), 1e-6f);
    }
  }

  @Test
  void resultsThatLiveAtDifferentTimesShareMemory() {
    SameDiff sd = SameDiff.create();
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, 1000);
    SDVariable y = x;
    for (int i = 0; i < 20; i++) {
      y = sd.math().tanh(y.mul(1.5));
    }
    y.rename("y");
    try (Engine engine = new Engine(sd)) {
      long bytes =
          engine.plan(Map.of("x", Nd4j.rand(DataType.FLOAT, 1000)), List.of("y")).arenaBytes();
      assertTrue(bytes < 3 * 4 * 1100, "40 results in " + bytes + " bytes");
    }
  }

  @Test
  void badInputsAreNamed() {
    try (Engine engine = new Engine(graph())) {
      INDArray x = Nd4j.rand(DataType.FLOAT, 1, 3, 7);
      assertMessage("input x has shape [1, 3, 7]", () -> engine.run(Map.of("x", x), List.of("y")));
      assertMessage("input x is missing", () -> engine.run(Map.of(), List.of("y")));
      assertMessage("no input q", () -> engine.run(Map.of("q", x), List.of("y")));
      assertMessage("no variable q", () -> engine.run(Map.of(), List.of("q")));
    }
  }

  private static void assertMessage(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
