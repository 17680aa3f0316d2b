package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.weights.VitConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Keys, gradients and initial weights of the vision transformer. */
class VitEncoderTest {

  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of("small", VitEncoderGoldenTest.SMALL),
        Arguments.of("vit_b", VitConfig.VIT_B),
        Arguments.of("vit_l", VitConfig.VIT_L),
        Arguments.of("vit_h", VitConfig.VIT_H));
  }

  @ParameterizedTest
  @MethodSource("models")
  void keysAndShapesAreThoseOfTheFixtures(String model, VitConfig config) {
    Map<String, long[]> shapes = new TreeMap<>();
    ImageEncoder.build(
        config,
        (key, init, dataType, shape) -> {
          shapes.put(key, shape);
          return Nd4j.scalar(dataType, 0); // Weights of ViT-H would take 2.5 GB.
        });
    FillKeys.assertKeys(model, "image_encoder.", shapes);
  }

  @Test
  void gradientsAreThoseOfCentralDifferences() {
    // Six by six tokens in windows of four: the windows are padded.
    VitConfig config = new VitConfig(12, 2, 6, 2, 2, 8, 4, List.of(1), 3);
    Scope root = new Scope(SameDiff.create(), DataType.DOUBLE, GradientCheck.weights(), "");
    SameDiff sd = root.sd();
    SDVariable image = sd.placeHolder("image", DataType.DOUBLE, -1, 3, 12, 12);
    SDVariable embedding = ImageEncoder.add(root.at("image_encoder"), image, config);
    INDArray x = GradientCheck.array(new Random(3), DataType.DOUBLE, 2, 3, 12, 12);
    GradientCheck.assertGradients(sd, Map.of("image", x), embedding.name());
  }

  @Test
  void initialWeightsAreThoseOfTheReference() {
    Map<String, double[]> draws = new TreeMap<>();
    ImageEncoder.build(
        VitEncoderGoldenTest.SMALL,
        (key, init, dataType, shape) -> {
          Random random = new Random(1);
          draws.put(key, DoubleStream.generate(() -> init.next(random)).limit(1000).toArray());
          return Nd4j.scalar(dataType, 0);
        });
    draws.forEach(
        (key, values) -> {
          double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
          if (key.matches(".*(pos_embed|rel_pos_[hw])|.*(norm\\d|neck\\.[13])\\.bias")) {
            assertEquals(0, largest, key);
          } else if (key.matches(".*(norm\\d|neck\\.[13])\\.weight")) {
            assertArrayEquals(DoubleStream.generate(() -> 1).limit(1000).toArray(), values, key);
          } else {
            // Uniform between plus and minus one by the root of the inputs.
            double bound = 1 / Math.sqrt(inputs(key));
            assertTrue(largest <= bound && largest > 0.98 * bound, key + ": " + largest);
          }
        });
  }

  private static int inputs(String key) {
    if (key.contains("patch_embed")) {
      return 3 * 16 * 16;
    }
    if (key.contains("neck.2")) {
      return 32 * 9;
    }
    return key.contains("lin2") ? 192 : 48;
  }

  @Tag("long")
  @Test
  void vitLGivesFiniteEmbeddingsOfOneWindow() {
    VitConfig large = VitConfig.VIT_L;
    VitConfig config =
        new VitConfig(
            224,
            16,
            large.width(),
            large.depth(),
            large.heads(),
            large.mlpWidth(),
            large.window(),
            large.globalBlocks(),
            large.outChannels());
    SameDiff sd = ImageEncoder.build(config, new FillWeights());
    INDArray image = GradientCheck.array(new Random(2), DataType.FLOAT, 1, 3, 224, 224);
    INDArray embedding = sd.outputSingle(Map.of("image", image), "embedding");
    assertArrayEquals(new long[] {1, 256, 14, 14}, embedding.shape());
    double deviation = embedding.stdNumber().doubleValue();
    assertTrue(deviation > 0.1 && deviation < 10, "standard deviation " + deviation);
  }
}
