package io.github.microsam.model;

import static io.github.microsam.engine.onednn.KernelComparison.PROVIDER;
import static io.github.microsam.engine.onednn.KernelComparison.TOLERANCE;
import static io.github.microsam.engine.onednn.KernelComparison.assertKernelsReplace;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Kinds of regions that models have within larger groups only, each by itself: its kernel, with
 * stock operations around it, compared with its stock operations.
 */
class RegionKernelsTest {
  private final Random random = new Random(3);
  private final Scope s = Scope.root(new EvenWeights(random));
  private final Map<String, INDArray> inputs = new LinkedHashMap<>();

  /** A placeholder, any number of which may lie along the first axis. */
  private SDVariable input(String name, long... shape) {
    long[] anyBatch = shape.clone();
    anyBatch[0] = -1;
    inputs.put(name, GradientCheck.array(random, DataType.FLOAT, shape).addi(0.3));
    return s.sd().placeHolder(name, DataType.FLOAT, anyBatch);
  }

  /** Fails unless the regions of a kind, no others, are one kernel each and give what they give. */
  private void assertKernel(String kind, int count, SDVariable output) {
    Regions only = new Regions();
    List<Region> regions = s.regions().all().stream().filter(r -> r.kind().equals(kind)).toList();
    regions.forEach(r -> only.add(r.kind(), r.attributes(), r.inputs(), r.output()));
    assertEquals(count, regions.size(), "regions");
    assertSame(only, kind, count, output);
  }

  /** Fails unless all layers together are one kernel that gives what they give. */
  private void assertOneKernel(BiFunction<Scope, SDVariable, SDVariable> layers, long... shape) {
    assertOneKernel(layers.apply(s.at("layer"), input("x", shape)));
  }

  private void assertOneKernel(SDVariable y) {
    s.regions().group(0, y);
    assertOneStep(Regions.GROUP, y);
  }

  private void assertOneStep(String kind, SDVariable y) {
    assertSame(s.regions(), kind, 1, y);
    try (Engine fused = new Engine(s.sd(), s.regions(), List.of(PROVIDER))) {
      assertEquals(1, fused.plan(inputs, List.of("y")).stepCount(), "steps");
    }
  }

  private void assertSame(Regions regions, String kind, int count, SDVariable output) {
    output.rename("y");
    assertKernelsReplace(
        s.sd(),
        regions,
        inputs,
        TOLERANCE,
        plan ->
            assertEquals(
                count,
                plan.describe().kinds().stream()
                    .filter(k -> k.kind().equals(kind))
                    .mapToInt(k -> k.steps())
                    .sum(),
                () -> "kernels of kind " + kind + " among " + plan.describe()));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 4", "2, 7, 4, 12", "3, 14, 2, 64", "1, 16, 3, 8", "1, 24, 1, 8"})
  void attentionWithRelativePositions(int windows, int side, int heads, int d) {
    int width = heads * d;
    SDVariable x = input("x", windows, side, side, width);
    SDVariable y = new Attention(width, heads, side).add(s.at("a"), x, new BlockLayers());
    assertKernel(Regions.ATTENTION, 1, y);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 4, 2, 8, LEARNED",
    "3, 7, 4, 8, LEARNED",
    "2, 14, 2, 16, LEARNED",
    "5, 7, 5, 6, IGNORED",
    "1, 2, 1, 3, IGNORED"
  })
  void biasedAttention(int windows, int side, int heads, int d, AttentionBiases biases) {
    TinyVitLayers layers = new TinyVitLayers(BatchStatistics.RUNNING);
    TinyVitAttention attention = new TinyVitAttention(heads * d, heads, side, biases, layers);
    SDVariable x = input("x", windows, side, side, heads * (long) d);
    assertKernel(Regions.BIASED_ATTENTION, 1, attention.add(s.at("a"), x));
  }

  /** With its linear layers: it takes sizes from what these read. */
  @ParameterizedTest
  @CsvSource({"1, 1, 6, 36", "4, 1, 7, 64", "6, 2, 3, 25", "3, 3, 9, 1", "2, 1, 1, 50"})
  void attentionToSharedKeys(int prompts, int images, int tokens, int places) {
    SDVariable queries = input("queries", prompts, tokens, 24);
    SDVariable keys = input("keys", images, places, 24);
    SDVariable values = input("values", images, places, 24);
    DownsampledAttention attention = new DownsampledAttention(24, 16, 4);
    assertOneKernel(attention.addWithSharedKeys(s.at("a"), queries, keys, values));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 6, 36", "4, 1, 7, 64", "6, 2, 3, 25", "3, 3, 9, 1", "2, 1, 1, 50"})
  void attentionOfSharedQueries(int prompts, int images, int tokens, int places) {
    SDVariable queries = input("queries", images, places, 24);
    SDVariable keys = input("keys", prompts, tokens, 24);
    SDVariable values = input("values", prompts, tokens, 24);
    DownsampledAttention attention = new DownsampledAttention(24, 16, 4);
    assertOneKernel(attention.addWithSharedQueries(s.at("a"), queries, keys, values));
  }

  @ParameterizedTest
  @CsvSource({"1, 4, 8, 6, 6", "3, 1, 16, 5, 7", "2, 4, 3, 1, 1", "1, 7, 33, 16, 16"})
  void filteredMap(int n, int filters, int channels, int height, int width) {
    SDVariable f = input("filters", n, filters, channels);
    SDVariable map = input("map", n, channels, height, width);
    SDVariable pixels = s.sd().reshape(map, -1, channels, (long) height * width);
    SDVariable y = s.sd().reshape(s.sd().mmul(f, pixels), -1, filters, height, width);
    s.regions().add(Regions.FILTERED, Map.of(), List.of(f, map), y);
    assertKernel(Regions.FILTERED, 1, y);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 3", "5, 1"})
  void sumOfTokens(int n, int terms) {
    SDVariable x = input("x", n, 7, 12);
    assertKernel(Regions.SUM, 1, Declared.sum(s, x, input("term", terms, 7, 12)));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 1"})
  void sumOfMaps(int n, int terms) {
    SDVariable x = input("x", n, 5, 6, 7);
    assertKernel(Regions.SUM, 1, Declared.sum(s, x, input("term", terms, 5, 6, 7)));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 9", "2, 7, 16", "3, 64, 32"})
  void linear(int n, int rows, int channels) {
    SDVariable x = input("x", n, rows, channels);
    assertKernel(Regions.LINEAR, 1, Linear.add(s.at("l"), x, channels, 24));
  }

  @ParameterizedTest
  @CsvSource({"gelu, 1, 9", "gelu, 33, 16", "relu, 1, 9", "relu, 33, 16"})
  void linearWithItsActivation(String activation, int rows, int channels) {
    SDVariable x = input("x", 2, rows, channels);
    SDVariable h = Linear.add(s.at("l"), x, channels, 24);
    SDVariable y = activation.equals("gelu") ? Gelu.add(s, h) : Declared.relu(s, h);
    Linear.declare(s.at("l"), x, y, activation);
    assertOneStep(Regions.LINEAR, y);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gelu", "relu", "sigmoid"})
  void linearWithResidualAndActivation(String activation) {
    assertOneKernel(
        (at, x) -> {
          SDVariable y = Declared.sum(at, x, Linear.add(at, x, 16, 16));
          return switch (activation) {
            case "gelu" -> Gelu.add(at, y);
            case "relu" -> Declared.relu(at, y);
            case "sigmoid" -> Declared.sigmoid(at, y);
            default -> y;
          };
        },
        3,
        11,
        16);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void linearWithAResidualThatAllShare(int n) {
    assertOneKernel(
        (at, x) -> Declared.sum(at, Linear.add(at, x, 16, 8), input("term", 1, 11, 8)), n, 11, 16);
  }

  @ParameterizedTest
  @CsvSource({"1, 3, 5", "2, 8, 6", "3, 16, 9"})
  void concatenationOfMaps(int n, int channels, int side) {
    assertOneKernel(
        (at, x) -> Declared.concatenation(at, x, Declared.sigmoid(at, x)), n, channels, side, side);
  }

  @ParameterizedTest
  @CsvSource({"1, 3, 5", "2, 8, 6", "3, 16, 9"})
  void convolutionOfConcatenatedMaps(int n, int channels, int side) {
    assertOneKernel(
        (at, x) -> {
          SDVariable both = Declared.concatenation(at, x, Declared.relu(at, x));
          return Conv2d.add(at, both, 2L * channels, 7, 3, 1, 1, true);
        },
        n,
        channels,
        side,
        side);
  }

  @ParameterizedTest
  @CsvSource({"1, 3, 5, 1, 2", "2, 8, 6, 0, 3", "3, 16, 9, 9, 16"})
  void someChannelsOfAMap(int n, int channels, int side, int from, int to) {
    assertOneKernel(
        (at, x) -> Declared.sigmoid(at, Declared.channels(at, x, from, to)),
        n,
        channels,
        side,
        side);
  }

  @ParameterizedTest
  @CsvSource({"1, 3, 5", "2, 8, 6", "3, 16, 9"})
  void channelsThatArePutTogetherInAnotherOrder(int n, int channels, int side) {
    assertOneKernel(
        (at, x) ->
            Declared.concatenation(
                at,
                Declared.sigmoid(at, Declared.channels(at, x, 1, channels)),
                Declared.channels(at, x, 0, 1)),
        n,
        channels,
        side,
        side);
  }

  @ParameterizedTest
  @CsvSource({"1, 5, 3", "2, 6, 8", "3, 4, 16"})
  void tokensAsMap(int n, int side, int channels) {
    assertOneKernel(
        (at, x) -> Conv2d.add(at, map(at, x, side, channels), channels, 9, 3, 1, 1, true),
        n,
        (long) side * side,
        channels);
  }

  @ParameterizedTest
  @CsvSource({"1, 5, 3", "2, 6, 8"})
  void anActivationOfTokensAsMap(int n, int side, int channels) {
    assertOneKernel(
        (at, x) -> Declared.relu(at, map(at, x, side, channels)), n, (long) side * side, channels);
  }

  /** As the mask decoder declares it. */
  private static SDVariable map(Scope at, SDVariable tokens, long side, long channels) {
    SDVariable map = at.sd().reshape(at.sd().permute(tokens, 0, 2, 1), -1, channels, side, side);
    at.regions().add(Regions.TOKENS_AS_MAP, Map.of("side", side), List.of(tokens), map);
    return map;
  }

  @ParameterizedTest
  @CsvSource({"1, 5, 3", "2, 6, 8"})
  void mapsAsTokensAndBack(int n, int side, int channels) {
    assertOneKernel(
        (at, x) ->
            Declared.channelsFirst(
                at, Linear.add(at, Declared.channelsLast(at, x), channels, channels)),
        n,
        channels,
        side,
        side);
  }
}
