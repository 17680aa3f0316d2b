package io.github.microsam.model;

import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
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
}
