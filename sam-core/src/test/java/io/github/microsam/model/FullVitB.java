package io.github.microsam.model;

import io.github.microsam.golden.Fill;
import io.github.microsam.image.ImagePreparation;
import io.github.microsam.image.ImageSource;
import io.github.microsam.weights.VitConfig;
import java.awt.image.BufferedImage;
import java.util.Map;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ViT-B at full size with the weights and the image of the fixtures. The encoder runs once for all
 * tests of a JVM, through plain SameDiff: about half a minute and 8 GB.
 */
final class FullVitB {
  private static final String[] ACTIVATIONS = {
    "image_encoder.patch_embed",
    "image_encoder.blocks.0",
    "image_encoder.blocks.1",
    "image_encoder.blocks.2",
    "image_encoder.blocks.6",
    "image_encoder.blocks.11",
    "image_encoder.neck.0",
    ImageEncoder.EMBEDDING
  };

  private FullVitB() {}

  /** The embedding of the image, {@code [1, 256, 64, 64]}; not to be changed. */
  static INDArray embedding() {
    return activation(ImageEncoder.EMBEDDING);
  }

  /** An activation of the encoder; not to be changed. */
  static INDArray activation(String name) {
    INDArray array = Run.ACTIVATIONS.get(name);
    if (array == null) {
      throw new IllegalArgumentException(name + " is none of " + Run.ACTIVATIONS.keySet());
    }
    return array;
  }

  /** The image of 512 by 512 pixels as the encoder's input, {@code [1, 3, 1024, 1024]}. */
  static INDArray input() {
    int side = 512;
    byte[] rgb = Fill.image(side, side);
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      int pixel =
          (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
      image.setRGB(i % side, i / side, pixel);
    }
    float[] pixels = ImagePreparation.eightBit(1024).prepare(ImageSource.of(image)).pixels();
    return Nd4j.createFromArray(pixels).reshape(1, 3, 1024, 1024);
  }

  /** Computes when it is first asked for. */
  private static final class Run {
    static final Map<String, INDArray> ACTIVATIONS = compute();

    private static Map<String, INDArray> compute() {
      SameDiff sd = ImageEncoder.build(VitConfig.VIT_B, new FillWeights());
      try (INDArray image = input()) {
        return sd.output(Map.of(ImageEncoder.IMAGE, image), FullVitB.ACTIVATIONS);
      } finally {
        sd.variables().stream()
            .filter(v -> v.getVariableType() == VariableType.VARIABLE)
            .forEach(v -> v.getArr().close());
      }
    }
  }
}
