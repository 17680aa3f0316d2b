package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.weights.TinyVitConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** TinyViT in sizes that are quick to run; the fixtures have the full size only. */
class TinyVitTest {
  @Test
  void keysAndShapesAreThoseOfTheFixtures() {
    FillWeights weights = new FillWeights();
    ImageEncoder.build(TinyVitConfig.VIT_T, weights);
    List<CarriedTensor> carried = ImageEncoder.carried(TinyVitConfig.VIT_T);
    FillKeys.assertKeys("vit_t", "image_encoder.", weights.shapesWith(carried));
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 48, 64, 80})
  void anyMultipleOf16IsAnImageSize(int imageSize) {
    TinyVitConfig config = config(imageSize);
    SameDiff sd = ImageEncoder.build(config, new FillWeights());
    INDArray image = GradientCheck.array(new Random(1), DataType.FLOAT, 2, 3, imageSize, imageSize);
    INDArray embedding = sd.outputSingle(Map.of("image", image), "embedding");
    int size = imageSize / 16;
    assertArrayEquals(new long[] {2, 6, size, size}, embedding.shape());
  }

  @Test
  void anImageSizeThatIsNoMultipleOf16IsRefused() {
    FillWeights weights = new FillWeights();
    TinyVitConfig config = config(40);
    assertThrows(IllegalArgumentException.class, () -> ImageEncoder.build(config, weights));
  }

  @Test
  void reductionsTellTheSizeOfTheEmbedding() {
    TinyVitConfig fine =
        new TinyVitConfig(
            32,
            List.of(4, 6, 8),
            List.of(1, 1, 1),
            List.of(1, 2, 2),
            List.of(4, 4, 4),
            List.of(2, 2, 1),
            6);
    SameDiff sd = ImageEncoder.build(fine, new FillWeights());
    INDArray image = GradientCheck.array(new Random(1), DataType.FLOAT, 2, 3, 32, 32);
    assertArrayEquals(
        new long[] {2, 6, 8, 8}, sd.outputSingle(Map.of("image", image), "embedding").shape());
    TinyVitConfig none =
        new TinyVitConfig(
            32,
            fine.widths(),
            fine.depths(),
            fine.heads(),
            fine.windows(),
            List.of(1, 2, 2),
            fine.outChannels());
    FillWeights weights = new FillWeights();
    assertThrows(IllegalArgumentException.class, () -> ImageEncoder.build(none, weights));
  }

  @Test
  void gradientsAreThoseOfCentralDifferences() {
    TinyVitConfig shallow =
        new TinyVitConfig(
            32,
            List.of(4, 6, 8, 10),
            List.of(1, 1, 0, 1),
            List.of(1, 2, 2, 2),
            List.of(3, 3, 2, 3),
            6);
    Scope s = new Scope(SameDiff.create(), DataType.DOUBLE, new FillWeights(), "");
    SDVariable image = s.sd().placeHolder("image", DataType.DOUBLE, -1, 3, 32, 32);
    SDVariable out =
        TinyVit.add(s.at("tiny"), image, shallow, AttentionBiases.LEARNED, BatchStatistics.RUNNING);
    INDArray in = GradientCheck.array(new Random(2), DataType.DOUBLE, 2, 3, 32, 32);
    GradientCheck.assertGradients(s.sd(), Map.of("image", in), out.name());
  }

  @Test
  void biasesAreLookedUpByDistanceAlongBothAxes() {
    double[] table = IntStream.range(0, 18).mapToDouble(i -> i * i).toArray();
    Scope s = Scope.root(new FillWeights());
    TinyVitLayers layers = new TinyVitLayers(BatchStatistics.RUNNING);
    TinyVitAttention attention = new TinyVitAttention(4, 2, 3, AttentionBiases.LEARNED, layers);
    SDVariable biases =
        s.sd().constant(Nd4j.createFromArray(table).castTo(DataType.FLOAT).reshape(2, 9));
    INDArray pairs = attention.bias(s, biases).eval();
    for (int head = 0; head < 2; head++) {
      for (int i = 0; i < 9; i++) {
        for (int j = 0; j < 9; j++) {
          int dy = Math.abs(i / 3 - j / 3);
          int dx = Math.abs(i % 3 - j % 3);
          double bias = pairs.getDouble(0, head, i, j);
          assertEquals(table[head * 9 + dy * 3 + dx], bias, head + ": " + i + ", " + j);
        }
      }
    }
  }

  @Test
  void randomWeightsAreDrawnAsByTheReference() {
    Random random = new Random(3);
    Map<String, double[]> drawn = new HashMap<>();
    WeightSource source =
        (key, init, dataType, shape) -> {
          INDArray array = Nd4j.zeros(dataType, shape);
          for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, init.next(random));
          }
          drawn.put(key, array.dup('c').data().asDouble());
          return array;
        };
    ImageEncoder.build(config(32), source);
    double[] linear = drawn.get("image_encoder.layers.3.blocks.0.mlp.fc1.weight");
    double square = Arrays.stream(linear).map(v -> v * v).average().orElseThrow();
    assertEquals(0.02, Math.sqrt(square), 0.003);
    double[] zeros = drawn.get("image_encoder.layers.0.blocks.0.conv3.bn.weight");
    assertArrayEquals(new double[4], zeros);
    double[] ones = drawn.get("image_encoder.layers.0.blocks.0.conv2.bn.weight");
    assertTrue(Arrays.stream(ones).allMatch(v -> v == 1));
    assertArrayEquals(
        new double[18], drawn.get("image_encoder.layers.3.blocks.0.attn.attention_biases"));
  }

  /** Windows of 3 on maps of 4: padded, as the full size has it. */
  private static TinyVitConfig config(int imageSize) {
    return new TinyVitConfig(
        imageSize,
        List.of(4, 6, 8, 10),
        List.of(1, 1, 2, 1),
        List.of(1, 2, 2, 2),
        List.of(3, 3, 2, 3),
        6);
  }
}
