package io.github.microsam.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
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

  @Test
  void manyShapesDoNotAccumulatePlans() {
    SameDiff sd = graph();
    try (Engine engine = new Engine(sd)) {
      for (int n = 1; n < 20; n++) {
        INDArray x = Nd4j.rand(DataType.FLOAT, 1, n, 8);
        assertEquals(n, engine.run(Map.of("x", x), List.of("y")).get("y").size(2));
      }
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
