package io.github.microsam.model;

import static io.github.microsam.engine.onednn.KernelComparison.IN_BFLOAT16;
import static io.github.microsam.engine.onednn.KernelComparison.PROVIDER;
import static io.github.microsam.engine.onednn.KernelComparison.TOLERANCE_IN_BFLOAT16;
import static io.github.microsam.engine.onednn.KernelComparison.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.GradientPlan;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Gradients of layers by kernels in single precision against those by stock operations in double
 * precision: with respect to the input and every parameter.
 */
class GradientKernelsTest {
  /** Of the gradient of a weight: rounding in double precision. */
  private static final double VANISHING = 1e-12;

  /** Layers in a graph, with input x and output y; the same numbers in every precision. */
  private static Scope graph(
      BiFunction<Scope, SDVariable, SDVariable> layers, DataType dataType, long... shape) {
    Scope s = new Scope(SameDiff.create(), dataType, new EvenWeights(new Random(3)), "");
    long[] anyBatch = shape.clone();
    anyBatch[0] = -1;
    SDVariable x = s.sd().placeHolder("x", dataType, anyBatch);
    layers.apply(s.at("layer"), x).rename("y");
    return s;
  }

  private static List<String> targets(SameDiff sd) {
    List<String> targets = new ArrayList<>(List.of("x"));
    sd.variables().stream()
        .filter(v -> v.getVariableType() == VariableType.VARIABLE)
        .forEach(v -> targets.add(v.name()));
    return targets;
  }

  /** Fails unless so many steps give the gradients. */
  private static void assertGradients(
      BiFunction<Scope, SDVariable, SDVariable> layers,
      int steps,
      double tolerance,
      long... shape) {
    Scope single = graph(layers, DataType.FLOAT, shape);
    Scope exact = graph(layers, DataType.DOUBLE, shape);
    INDArray x = GradientCheck.array(new Random(5), DataType.DOUBLE, shape).addi(0.3);
    try (Engine fused = new Engine(single.sd(), single.regions(), List.of(PROVIDER));
        Engine rounded = new Engine(single.sd(), single.regions(), List.of(IN_BFLOAT16));
        Engine stock = new Engine(exact.sd())) {
      Map<String, INDArray> in = Map.of("x", x.castTo(DataType.FLOAT));
      GradientPlan plan = fused.gradientPlan(in, List.of("y"), targets(single.sd()));
      GradientPlan reference =
          stock.gradientPlan(Map.of("x", x), List.of("y"), targets(exact.sd()));
      if (steps > 0) {
        assertEquals(steps, plan.backwardSteps(), "steps");
      }
      INDArray y = reference.forward(Map.of("x", x)).get("y");
      INDArray seed = GradientCheck.array(new Random(7), DataType.DOUBLE, y.shape());
      Map<String, INDArray> expected = reference.backward(Map.of("y", seed));
      // Twice, because the second time finds the memory as the first one left it.
      for (int i = 0; i < 2; i++) {
        assertClose("y", y, plan.forward(in).get("y"), tolerance);
        Map<String, INDArray> actual = plan.backward(Map.of("y", seed.castTo(DataType.FLOAT)));
        assertAllClose(expected, actual, tolerance);
      }
      GradientPlan inBfloat16 = rounded.gradientPlan(in, List.of("y"), targets(single.sd()));
      assertClose("y", y, inBfloat16.forward(in).get("y"), TOLERANCE_IN_BFLOAT16);
      assertAllClose(
          expected,
          inBfloat16.backward(Map.of("y", seed.castTo(DataType.FLOAT))),
          TOLERANCE_IN_BFLOAT16);
    }
  }

  private static void assertAllClose(
      Map<String, INDArray> expected, Map<String, INDArray> actual, double tolerance) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, e) -> assertClose(name, e, actual.get(name), tolerance, scale(expected, name)));
  }

  /**
   * What a gradient is measured by: its largest element. A bias before a norm with the statistics
   * of the batch has no gradient, as far as double precision can tell; what single precision leaves
   * of the sum is measured by the gradient of the layer's weight, which is a sum of as many terms.
   */
  private static double scale(Map<String, INDArray> gradients, String name) {
    double own = largest(gradients.get(name));
    INDArray weight = gradients.get(name.replaceFirst("bias$", "weight"));
    double ofWeight = weight == null ? own : largest(weight);
    return own < VANISHING * ofWeight ? ofWeight : own;
  }

  private static double largest(INDArray array) {
    return array.amaxNumber().doubleValue();
  }

  @ParameterizedTest
  @CsvSource({"5, 3, 2, 4", "64, 32, 3, 17", "32, 96, 1, 1"})
  void linear(int in, int out, int n, int rows) {
    assertGradients((s, x) -> Linear.add(s, x, in, out), 1, 1e-5, n, rows, in);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 5, 3, 1, 1, true, 1, 6, 7",
    "8, 16, 3, 1, 1, true, 2, 12, 12",
    "16, 8, 3, 2, 1, false, 1, 9, 10",
    "64, 32, 1, 1, 0, true, 1, 16, 16",
    "24, 40, 1, 1, 0, false, 3, 5, 5",
    "3, 24, 4, 4, 0, true, 2, 16, 16",
    "1, 4, 2, 2, 0, true, 2, 8, 8"
  })
  void convolution(
      int in, int out, int k, int stride, int padding, boolean bias, int n, int h, int w) {
    assertGradients(
        (s, x) -> Conv2d.add(s, x, in, out, k, stride, padding, bias), 1, 1e-5, n, in, h, w);
  }

  @ParameterizedTest
  @CsvSource({"8, 1, 1, 6", "32, 2, 1, 9", "5, 1, 2, 8"})
  void depthwiseConvolution(int channels, int stride, int n, int size) {
    assertGradients(
        (s, x) -> DepthwiseConv2d.add(s, x, channels, stride), 1, 1e-5, n, channels, size, size);
  }

  @ParameterizedTest
  @CsvSource({"4, 3, 1, 5", "16, 8, 2, 4", "64, 16, 1, 8"})
  void transposedConvolution(int in, int out, int n, int size) {
    assertGradients((s, x) -> ConvTranspose2d.add(s, x, in, out), 1, 1e-5, n, in, size, size);
  }

  @ParameterizedTest
  @CsvSource({"6, 2, 5", "64, 1, 33", "160, 3, 7"})
  void layerNorm(int channels, int n, int rows) {
    assertGradients((s, x) -> LayerNorm.add(s, x, channels, 1e-5), 1, 2e-5, n, rows, channels);
  }

  @ParameterizedTest
  @CsvSource({"16, 32, 1, 16", "16, 256, 3, 64"})
  void maskDownscaling(int hidden, int out, int n, int size) {
    assertGradients((s, x) -> MaskDownscaling.add(s, x, hidden, out), 7, 1e-5, n, 1, size, size);
  }

  @ParameterizedTest
  @CsvSource({"4, 1, 5, 7", "32, 2, 8, 8"})
  void layerNorm2d(int channels, int n, int h, int w) {
    assertGradients((s, x) -> LayerNorm2d.add(s, x, channels), 1, 1e-5, n, channels, h, w);
  }

  @ParameterizedTest
  @CsvSource({"4, 1, 5", "32, 3, 8", "7, 2, 16", "3, 1, 96"})
  void instanceNorm(int channels, int n, int size) {
    assertGradients((s, x) -> InstanceNorm2d.add(s, x, size), 1, 1e-5, n, channels, size, size);
  }

  @ParameterizedTest
  @CsvSource({
    "BATCH, 4, 1, 5",
    "BATCH, 16, 3, 8",
    "BATCH, 40, 3, 64",
    "RUNNING, 4, 1, 5",
    "RUNNING, 32, 2, 8"
  })
  void batchNorm(BatchStatistics statistics, int channels, int n, int size) {
    assertGradients(
        (s, x) -> BatchNorm2d.add(s, x, channels, statistics, Init.ONES),
        1,
        1e-5,
        n,
        channels,
        size,
        size);
  }

  @ParameterizedTest
  @CsvSource({"4, 1, 5", "16, 3, 8", "3, 2, 256"})
  void statisticsOfTheBatchCanBeObserved(int channels, int n, int size) {
    BiFunction<Scope, SDVariable, SDVariable> norm =
        (s, x) -> BatchNorm2d.add(s, x, channels, BatchStatistics.BATCH, Init.ONES);
    long[] shape = {n, channels, size, size};
    Scope single = graph(norm, DataType.FLOAT, shape);
    Scope exact = graph(norm, DataType.DOUBLE, shape);
    INDArray x = GradientCheck.array(new Random(5), DataType.DOUBLE, shape).addi(0.3);
    Map<String, INDArray> in = Map.of("x", x.castTo(DataType.FLOAT));
    List<String> outputs = List.of("y", "layer.batch_mean", "layer.batch_var");
    try (Engine fused = new Engine(single.sd(), single.regions(), List.of(PROVIDER));
        Engine stock = new Engine(exact.sd())) {
      Map<String, INDArray> expected = stock.run(Map.of("x", x), outputs);
      assertEquals(1, fused.plan(in, outputs).stepCount());
      Map<String, INDArray> actual = fused.run(in, outputs);
      expected.forEach((name, e) -> assertClose(name, e, actual.get(name), 1e-5));
      GradientPlan plan =
          fused.gradientPlan(in, List.of("y"), outputs.subList(1, 3), List.of("layer.weight"));
      assertEquals(1, plan.forwardSteps());
      assertEquals(1, plan.backwardSteps());
      Map<String, INDArray> observed = plan.forward(in);
      expected.forEach((name, e) -> assertClose(name, e, observed.get(name), 1e-5));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 5", "16, 2, 4", "3, 1, 33", "40, 1, 2"})
  void bilinearDoubling(int channels, int n, int size) {
    assertGradients(
        (s, x) -> BilinearDoubling.add(s, x, channels, size), 1, 1e-5, n, channels, size, size);
  }

  @ParameterizedTest
  @CsvSource({
    "8, 2, 2, 1",
    "8, 2, 3, 1",
    "24, 3, 3, 2",
    "12, 3, 4, 3",
    "16, 1, 7, 2",
    "16, 4, 14, 2",
    "24, 3, 5, 2",
    "768, 12, 14, 1",
    "8, 2, 32, 1"
  })
  void attention(int width, int heads, int side, int windows) {
    assertGradients(
        (s, x) -> new Attention(width, heads, side).add(s, x, new BlockLayers()),
        5, // attention, two linear layers and two tables of positions
        2e-5,
        windows,
        side,
        side,
        width);
  }

  @Test
  void functions() {
    assertGradients(Gelu::add, 1, 1e-5, 2, 3, 50);
    assertGradients(Declared::relu, 1, 1e-6, 2, 3, 50);
    assertGradients(Declared::sigmoid, 1, 1e-5, 2, 3, 50);
  }

  @Test
  void unetrWithTheStatisticsOfTheBatch() {
    UnetrConfig config = new UnetrConfig(4, 3, false, 3);
    assertGradients(
        (s, x) -> UnetrDecoder.add(s, x, config, 12, 4, BatchStatistics.BATCH),
        0,
        2e-4,
        2,
        12,
        4,
        4);
  }

  @Test
  void pointsAreTrainedWithoutMasks() {
    VitConfig encoder = new VitConfig(64, 16, 16, 1, 2, 32, 2, List.of(0), 16);
    MaskDecoderConfig decoder = new MaskDecoderConfig(3, 2, 2, 32, 3, 16, 8);
    Network prompts = PromptEncoder.network(encoder, decoder, new RandomWeights(3));
    Map<String, INDArray> in =
        Map.of(
            "points", Nd4j.createFromArray(new float[][][] {{{10, 20}, {30, 40}}}),
            "labels", Nd4j.createFromArray(new float[][] {{1, 0}}));
    List<String> targets = List.of("prompt_encoder.point_embeddings.1.weight");
    try (Engine fused = new Engine(prompts.graph(), prompts.regions(), List.of(PROVIDER))) {
      GradientPlan plan = fused.gradientPlan(in, List.of("sparse"), targets);
      plan.forward(in);
      INDArray seed = Nd4j.ones(DataType.FLOAT, 1, 2, 16);
      assertClose(
          targets.get(0),
          Nd4j.ones(DataType.FLOAT, 1, 16),
          plan.backward(Map.of("sparse", seed)).get(targets.get(0)),
          1e-6);
    }
  }
}
