package io.github.microsam.train.data;

import io.github.microsam.label.GaussianFilter;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * One drawn change of the values of patches. All numbers are drawn even if the options leave a
 * change out, so that switching one off leaves the others as they were.
 */
final class IntensityChange {
  private final double blur;
  private final double exponent;
  private final double contrast;
  private final double shift;
  private final double[] colour = new double[3];
  private final boolean inverted;
  private final double noise;

  private IntensityChange(Augmentation augmentation, StableRandom random) {
    blur = augmentation.blur() * random.nextDouble();
    exponent = factor(augmentation.gamma(), random);
    contrast = factor(augmentation.contrast(), random);
    shift = augmentation.brightness() * random.nextDouble(-1, 1);
    for (int c = 0; c < colour.length; c++) {
      colour[c] = 1 + augmentation.colour() * random.nextDouble(-1, 1);
    }
    inverted = random.nextDouble() < augmentation.invert();
    noise = augmentation.noise() * random.nextDouble();
  }

  static IntensityChange draw(Augmentation augmentation, StableRandom random) {
    return new IntensityChange(augmentation, random);
  }

  /** From 1 / (1 + range) to 1 + range, uniform by its logarithm. */
  private static double factor(double range, StableRandom random) {
    return StrictMath.exp(StrictMath.log1p(range) * random.nextDouble(-1, 1));
  }

  /** Changes values in place; shape [channels, height, width], results within 0 to 255. */
  void apply(float[] values, int channels, int width, int height, StableRandom random) {
    int plane = width * height;
    if (blur > 0) {
      for (int c = 0; c < channels; c++) {
        smooth(values, c * plane, width, height);
      }
    }
    if (exponent != 1) {
      raise(values);
    }
    double mean = contrast == 1 ? 0 : mean(values);
    for (int c = 0; c < channels; c++) {
      double gain = channels == 1 ? 1 : colour[c];
      for (int i = c * plane; i < (c + 1) * plane; i++) {
        double v = ((values[i] - mean) * contrast + mean + shift) * gain;
        v = inverted ? 255 - v : v;
        v = noise > 0 ? v + noise * random.nextGaussian() : v;
        values[i] = (float) Math.min(255, Math.max(0, v));
      }
    }
  }

  private void smooth(float[] values, int start, int width, int height) {
    float[] plane = new float[width * height];
    System.arraycopy(values, start, plane, 0, plane.length);
    RandomAccessibleInterval<FloatType> smooth =
        GaussianFilter.smooth(ArrayImgs.floats(plane, width, height), blur);
    Cursor<FloatType> cursor = Views.flatIterable(smooth).cursor();
    for (int i = 0; i < plane.length; i++) {
      values[start + i] = cursor.next().get();
    }
  }

  private void raise(float[] values) {
    float[] table = new float[256]; // between whole numbers the curve is nearly straight
    for (int v = 0; v < table.length; v++) {
      table[v] = (float) (255 * StrictMath.pow(v / 255.0, exponent));
    }
    for (int i = 0; i < values.length; i++) {
      float v = Math.min(255, Math.max(0, values[i]));
      int below = Math.min(254, (int) v);
      values[i] = table[below] + (v - below) * (table[below + 1] - table[below]);
    }
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
