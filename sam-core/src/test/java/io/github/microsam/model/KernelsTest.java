package io.github.microsam.model;

import static io.github.microsam.engine.onednn.KernelComparison.PROVIDER;
import static io.github.microsam.engine.onednn.KernelComparison.assertClose;
import static io.github.microsam.engine.onednn.KernelComparison.assertKernelsReplace;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.engine.Engine;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Each layer by its kernel, compared with its stock operations. */
class KernelsTest {
  private final Random random = new Random(3);
  private final WeightSource weights = new EvenWeights(random);

  /** Adds layers to a graph with input x, and fails unless one kernel gives what they give. */
  private void assertOneKernel(
      BiFunction<Scope, SDVariable, SDVariable> layers, double tolerance, long... shape) {
    assertKernel(layers, 1, tolerance, shape);
  }

  private void assertKernel(
      BiFunction<Scope, SDVariable, SDVariable> layers,
      int steps,
      double tolerance,
      long... shape) {
    Scope s = Scope.root(weights);
    long[] anyBatch = shape.clone();
    anyBatch[0] = -1;
    SDVariable x = s.sd().placeHolder("x", DataType.FLOAT, anyBatch);
    layers.apply(s.at("layer"), x).rename("y");
    INDArray in = GradientCheck.array(random, DataType.FLOAT, shape).addi(0.3);
    assertKernelsReplace(
        s.sd(),
        s.regions(),
        Map.of("x", in),
        tolerance,
        plan -> assertEquals(steps, plan.stepCount(), "steps"));
  }

  private static BiFunction<Scope, SDVariable, SDVariable> group(
      BiFunction<Scope, SDVariable, SDVariable> layers) {
    return (s, x) -> {
      int mark = s.regions().mark();
      SDVariable y = layers.apply(s, x);
      s.regions().group(mark, y);
      return y;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "3, 5, 3, 1, 1, true, 1, 6, 7",
    "8, 16, 3, 1, 1, true, 2, 12, 12",
    "16, 8, 3, 2, 1, false, 1, 9, 10",
    "64, 32, 1, 1, 0, true, 1, 16, 16",
    "24, 40, 1, 1, 0, false, 3, 5, 5",
    "3, 32, 3, 2, 1, false, 1, 32, 32",
    "3, 24, 4, 4, 0, true, 2, 16, 16",
    "1, 4, 2, 2, 0, true, 2, 8, 8"
  })
  void convolution(
      int in, int out, int k, int stride, int padding, boolean bias, int n, int h, int w) {
    assertOneKernel(
        (s, x) -> Conv2d.add(s, x, in, out, k, stride, padding, bias), 1e-5, n, in, h, w);
  }

  @ParameterizedTest
  @CsvSource({"8, 1, 1, 6", "32, 2, 1, 9", "5, 1, 2, 8"})
  void depthwiseConvolution(int channels, int stride, int n, int size) {
    assertOneKernel(
        (s, x) -> DepthwiseConv2d.add(s, x, channels, stride), 1e-5, n, channels, size, size);
  }

  @ParameterizedTest
  @CsvSource({"4, 3, 1, 5", "16, 8, 2, 4", "64, 16, 1, 8"})
  void transposedConvolution(int in, int out, int n, int size) {
    assertOneKernel((s, x) -> ConvTranspose2d.add(s, x, in, out), 1e-5, n, in, size, size);
  }

  @ParameterizedTest
  @CsvSource({"16, 32, 1, 16", "16, 256, 3, 64", "8, 12, 2, 20"})
  void maskDownscaling(int hidden, int out, int n, int size) {
    assertOneKernel((s, x) -> MaskDownscaling.add(s, x, hidden, out), 1e-5, n, 1, size, size);
  }

  @ParameterizedTest
  @CsvSource({"4, 1, 5, 7", "32, 2, 8, 8"})
  void layerNorm2d(int channels, int n, int h, int w) {
    assertOneKernel((s, x) -> LayerNorm2d.add(s, x, channels), 1e-5, n, channels, h, w);
  }

  @ParameterizedTest
  @CsvSource({"4, 1, 5", "32, 3, 8", "7, 2, 16", "5, 1, 33", "3, 1, 96", "64, 1, 128"})
  void instanceNorm(int channels, int n, int size) {
    assertOneKernel((s, x) -> InstanceNorm2d.add(s, x, size), 1e-5, n, channels, size, size);
  }

  @ParameterizedTest
  @CsvSource({
    "BATCH, 4, 1, 5",
    "RUNNING, 4, 1, 5",
    "BATCH, 16, 3, 8",
    "RUNNING, 32, 2, 8",
    "BATCH, 40, 3, 64"
  })
  void batchNorm(BatchStatistics statistics, int channels, int n, int size) {
    assertOneKernel(
        (s, x) -> BatchNorm2d.add(s, x, channels, statistics, Init.ONES),
        1e-5,
        n,
        channels,
        size,
        size);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 5", "16, 2, 4", "3, 1, 33"})
  void bilinearDoubling(int channels, int n, int size) {
    assertOneKernel(
        (s, x) -> BilinearDoubling.add(s, x, channels, size), 1e-5, n, channels, size, size);
  }

  @ParameterizedTest
  @CsvSource({"8, 8, 4", "9, 10, 4", "7, 3, 5", "3, 3, 4", "14, 28, 14"})
  void windows(int h, int w, int side) {
    WindowPartition windows = new WindowPartition(h, w, 6, side);
    assertOneKernel(windows::partition, 0, 2, h, w, 6);
  }

  @ParameterizedTest
  @CsvSource({"8, 8, 4", "9, 10, 4", "7, 3, 5", "3, 3, 4", "14, 28, 14"})
  void unwindowed(int h, int w, int side) {
    WindowPartition windows = new WindowPartition(h, w, 6, side);
    long count = 2L * ((h + side - 1) / side) * ((w + side - 1) / side);
    assertOneKernel(windows::reverse, 0, count, side, side, 6);
  }

  @ParameterizedTest
  @CsvSource({"8, 16, 1, 9", "32, 16, 2, 8"})
  void convolutionsWithInstanceNorms(int in, int out, int n, int size) {
    assertOneKernel(group((s, x) -> ConvBlock2d.add(s, x, in, out, size)), 2e-5, n, in, size, size);
  }

  @ParameterizedTest
  @CsvSource({"BATCH, true", "BATCH, false", "RUNNING, true", "RUNNING, false"})
  void doublingAndConvolutionWithBatchNorm(BatchStatistics statistics, boolean transposed) {
    assertOneKernel(
        group((s, x) -> Deconv2dBlock.add(s, x, 16, 8, 6, transposed, statistics)),
        2e-5,
        2,
        16,
        6,
        6);
  }

  @ParameterizedTest
  @CsvSource({"BATCH, true, 1", "BATCH, false, 2", "RUNNING, true, 2", "RUNNING, false, 1"})
  void unetr(BatchStatistics statistics, boolean transposed, int n) {
    UnetrConfig config = new UnetrConfig(4, 3, transposed, 3);
    assertOneKernel((s, x) -> UnetrDecoder.add(s, x, config, 12, 4, statistics), 1e-4, n, 12, 4, 4);
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "2, 6"})
  void neck(int n, int size) {
    assertOneKernel(group((s, x) -> Neck.add(s, x, 24, 16)), 2e-5, n, 24, size, size);
  }

  @Test
  void patchEmbedding() {
    assertOneKernel(group((s, x) -> PatchEmbed.add(s, x, 16, 24)), 1e-5, 2, 3, 64, 64);
  }

  @ParameterizedTest
  @CsvSource({"1, true, 10", "2, true, 10", "2, false, 10", "1, false, 8", "1, true, 28"})
  void blockOfTheVisionTransformer(int n, boolean global, int side) {
    VitConfig config = new VitConfig(16 * side, 16, 24, 1, 2, 48, 4, List.of(), 16);
    int tablesOfPositions = 2; // products of weights, outside of the block's kernel
    assertKernel(
        (s, x) -> Block.add(s, x, config, global, new BlockLayers()),
        1 + tablesOfPositions,
        2e-5,
        n,
        side,
        side,
        24);
  }

  @ParameterizedTest
  @CsvSource({"1, 6", "2, 9"})
  void invertedBottleneck(int n, int size) {
    TinyVitLayers layers = new TinyVitLayers(BatchStatistics.RUNNING);
    assertOneKernel(group((s, x) -> MbConv.add(s, x, 8, layers)), 2e-5, n, 8, size, size);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 6", "2, 2, 9"})
  void patchMerging(int n, int stride, int size) {
    TinyVitLayers layers = new TinyVitLayers(BatchStatistics.RUNNING);
    assertOneKernel(
        group((s, x) -> PatchMerging.add(s, x, 8, 16, stride, layers)), 2e-5, n, 8, size, size);
  }

  @ParameterizedTest
  @CsvSource({"1, 8, 4, LEARNED", "2, 9, 4, LEARNED", "1, 9, 4, IGNORED", "3, 40, 2, LEARNED"})
  void blockOfTinyVit(int n, int size, int window, AttentionBiases biases) {
    TinyVitLayers layers = new TinyVitLayers(BatchStatistics.RUNNING);
    TinyVitBlock block =
        new TinyVitBlock(size, new TinyVitAttention(16, 2, window, biases, layers));
    int tableOfBiases = biases == AttentionBiases.LEARNED ? 4 : 0;
    assertKernel(group(block::add), 1 + tableOfBiases, 2e-5, n, size, size, 16);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 2", "3, 1, 2", "3, 3, 1", "4, 1, 9"})
  void maskDecoder(int prompts, int images, int tokens) {
    int side = 6;
    EncoderConfig encoder = new VitConfig(96, 16, 24, 1, 2, 48, 4, List.of(), 16);
    MaskDecoderConfig config = MaskDecoderConfig.SAM;
    Network network = MaskDecoder.network(encoder, config, weights);
    Map<String, INDArray> in =
        Map.of(
            "embedding", GradientCheck.array(random, DataType.FLOAT, images, 16, side, side),
            "dense", GradientCheck.array(random, DataType.FLOAT, 1, 16, 1, 1),
            "dense_pe", GradientCheck.array(random, DataType.FLOAT, 1, 16, side, side),
            "sparse", GradientCheck.array(random, DataType.FLOAT, prompts, tokens, 16));
    try (Engine stock = new Engine(network.graph());
        Engine fused = new Engine(network.graph(), network.regions(), List.of(PROVIDER))) {
      Map<String, INDArray> expected = stock.run(in, List.of("masks", "iou"));
      Map<String, INDArray> actual = fused.run(in, List.of("masks", "iou"));
      assertClose(expected.get("masks"), actual.get("masks"), 5e-5);
      assertClose(expected.get("iou"), actual.get("iou"), 5e-5);
      Map<String, Integer> kinds = new TreeMap<>();
      fused
          .plan(in, List.of("masks", "iou"))
          .describe()
          .kinds()
          .forEach(k -> kinds.put(k.kind(), k.steps()));
      // Two layers and their end, each a group for the tokens but one for the image, and what gives
      // the masks; between them what is the same for all prompts, and the MLPs.
      assertEquals(
          "{add=1, concat=3, group=6, linear=15, multiply=1, permute=2, strided_slice=5, sum=5}",
          kinds.toString());
    }
  }
}
