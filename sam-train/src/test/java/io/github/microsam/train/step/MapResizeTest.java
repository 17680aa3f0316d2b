package io.github.microsam.train.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.MaskUpscaling;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the upscaling of inference, and the adjoint against the scalar product. */
class MapResizeTest {
  @ParameterizedTest
  @CsvSource({
    "64, 256, 160, 128",
    "64, 256, 256, 256",
    "64, 256, 300, 520",
    "16, 64, 7, 3",
    "256, 256, 100, 256"
  })
  void patchesAreThoseOfInferenceAndTheAdjointIsExact(int side, int input, int width, int height) {
    CoordinateTransform transform = CoordinateTransform.longestSide(width, height, input);
    MapResize resize = new MapResize(side, input, transform);
    Random random = new Random(3);
    float[] map = random(random, side * side);
    float[] patch = new float[width * height];
    float[] scratch = new float[resize.scratch()];
    resize.up(map, 0, scratch, patch, 0);
    assertArrayEquals(new MaskUpscaling(side, input, transform).logits(map), patch, 5e-6f);

    float[] gradient = random(random, patch.length);
    float[] back = new float[map.length];
    resize.down(gradient, 0, scratch, back, 0);
    assertEquals(product(gradient, patch), product(back, map), 1e-3, "<g, Ax> = <A'g, x>");
  }

  private static float[] random(Random random, int count) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = random.nextFloat() - 0.5f;
    }
    return out;
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
