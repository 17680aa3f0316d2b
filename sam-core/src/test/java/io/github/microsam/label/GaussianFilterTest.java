package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.Test;

class GaussianFilterTest {

  @Test
  void isThePlainSumOverTheKernel() {
    Random random = new Random(4);
    for (GaussianOptions.Truncation truncation : GaussianOptions.Truncation.values()) {
      for (GaussianOptions.Border border : GaussianOptions.Border.values()) {
        for (int round = 0; round < 8; round++) {
          assertPlainSum(random, new GaussianOptions(truncation, border));
        }
      }
    }
  }

  private static void assertPlainSum(Random random, GaussianOptions options) {
    long[] size = {1 + random.nextInt(20), 1 + random.nextInt(14), 1 + random.nextInt(5)};
    float[] values = new float[(int) (size[0] * size[1] * size[2])];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    double sigma = 0.3 + 3 * random.nextDouble();
    double[] expected = plain(values, size, sigma, options);
    float[] actual =
        Images.floats(GaussianFilter.smooth(ArrayImgs.floats(values, size), sigma, options));
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1e-6, "sigma " + sigma + " pixel " + i + options);
    }
  }

  @Test
  void bordersContinueAsNamed() {
    int[] mirror = new int[9];
    int[] reflect = new int[9];
    for (int i = 0; i < 9; i++) {
      mirror[i] = GaussianOptions.Border.MIRROR.inside(i - 4, 3);
      reflect[i] = GaussianOptions.Border.REFLECT.inside(i - 4, 3);
    }
    assertArrayEquals(new int[] {0, 1, 2, 1, 0, 1, 2, 1, 0}, mirror);
    assertArrayEquals(new int[] {2, 2, 1, 0, 0, 1, 2, 2, 1}, reflect);
  }

  @Test
  void sigmaZeroCopiesAndANegativeOneIsRefused() {
    var image = ArrayImgs.floats(new float[] {1, 2, 3, 4}, 2, 2);
    var copy = GaussianFilter.smooth(image, 0);
    assertArrayEquals(Images.floats(image), Images.floats(copy));
    image.firstElement().set(9);
    assertEquals(1, Images.floats(copy)[0], "the copy is the input's own memory");
    assertThrows(IllegalArgumentException.class, () -> GaussianFilter.smooth(image, -1));
    assertThrows(IllegalArgumentException.class, () -> GaussianFilter.smooth(image, Double.NaN));
  }

  private static double[] plain(float[] in, long[] size, double sigma, GaussianOptions options) {
    int radius = options.truncation().radius(sigma);
    double[] out = new double[in.length];
    for (int i = 0; i < in.length; i++) {
      out[i] = in[i];
    }
    int stride = 1;
    for (long length : size) {
      double[] old = out.clone();
      for (int i = 0; i < out.length && length > 1; i++) {
        int u = (int) (i / stride % length);
        double sum = 0;
        double weights = 0;
        for (int k = -radius; k <= radius; k++) {
          double weight = Math.exp(-k * k / (2 * sigma * sigma));
          int at = options.border().inside(u + k, (int) length);
          sum += weight * old[i + (at - u) * stride];
          weights += weight;
        }
        out[i] = sum / weights;
      }
      stride *= (int) length;
    }
    return out;
  }
}
