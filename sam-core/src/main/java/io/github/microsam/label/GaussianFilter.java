package io.github.microsam.label;

import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.real.FloatType;

/**
 * Separable Gaussian smoothing in float32 in one to three dimensions. The kernel is exp(−x²/2σ²) at
 * the integers, cut at a radius and scaled to sum 1. Linear in pixels times radius. A NaN spreads
 * over the pixels that the kernel reaches.
 */
public final class GaussianFilter {
  private GaussianFilter() {}

  /**
   * Smooths along every axis as micro-sam 1.8 does ({@link GaussianOptions#defaults()}).
   *
   * @param image image of one to three axes
   * @param sigma standard deviation in pixels; 0 gives the image as it is
   * @return smoothed image over the same interval
   * @throws IllegalArgumentException for a negative or not finite sigma
   */
  public static RandomAccessibleInterval<FloatType> smooth(
      RandomAccessibleInterval<? extends RealType<?>> image, double sigma) {
    return smooth(image, sigma, GaussianOptions.defaults());
  }

  /**
   * Smooths along every axis.
   *
   * @param image image of one to three axes
   * @param sigma standard deviation in pixels; 0 gives the image as it is
   * @param options radius of the kernel and continuation of the image
   * @return smoothed image over the same interval
   * @throws IllegalArgumentException for a negative or not finite sigma
   */
  public static RandomAccessibleInterval<FloatType> smooth(
      RandomAccessibleInterval<? extends RealType<?>> image,
      double sigma,
      GaussianOptions options) {
    if (!(sigma >= 0) || Double.isInfinite(sigma)) {
      throw new IllegalArgumentException(
          "sigma " + sigma + "; it is a number of pixels, 0 or more");
    }
    Grid grid = Grid.of(image);
    float[] values = Pixels.values(image);
    int radius = options.truncation().radius(sigma);
    if (sigma == 0 || radius == 0) {
      return Pixels.values(values.clone(), image);
    }
    float[] half = halfKernel(sigma, radius);
    GaussianOptions.Border border = options.border();
    float[] out = grid.width() > 1 ? alongX(values, grid, half, border) : values;
    out = alongAxis(out, grid.depth(), grid.height(), grid.width(), half, border);
    out = alongAxis(out, 1, grid.depth(), grid.width() * grid.height(), half, border);
    return Pixels.values(out == values ? values.clone() : out, image);
  }

  /** Taps at 0, 1, … radius. */
  private static float[] halfKernel(double sigma, int radius) {
    double[] taps = new double[radius + 1];
    double sum = 0;
    for (int i = 0; i <= radius; i++) {
      taps[i] = Math.exp(-0.5 * i * i / (sigma * sigma));
      sum += i == 0 ? taps[i] : 2 * taps[i];
    }
    float[] half = new float[radius + 1];
    for (int i = 0; i <= radius; i++) {
      half[i] = (float) (taps[i] / sum);
    }
    return half;
  }

  private static float[] alongX(
      float[] in, Grid grid, float[] half, GaussianOptions.Border border) {
    int w = grid.width();
    int radius = half.length - 1;
    float[] out = new float[in.length];
    Chunks.forEachRow(
        grid,
        (from, to) -> {
          float[] line = new float[w + 2 * radius];
          float[] sum = new float[w];
          for (int row = from; row < to; row++) {
            System.arraycopy(in, row * w, line, radius, w);
            for (int i = 1; i <= radius; i++) {
              line[radius - i] = in[row * w + border.inside(-i, w)];
              line[radius + w - 1 + i] = in[row * w + border.inside(w - 1 + i, w)];
            }
            for (int x = 0; x < w; x++) {
              sum[x] = half[0] * line[x + radius];
            }
            for (int i = 1; i <= radius; i++) {
              float tap = half[i];
              for (int x = 0; x < w; x++) {
                sum[x] += tap * (line[x + radius - i] + line[x + radius + i]);
              }
            }
            System.arraycopy(sum, 0, out, row * w, w);
          }
        });
    return out;
  }

  /** Along the middle axis of an array [outer, length, inner], a stretch of lines at a time. */
  private static float[] alongAxis(
      float[] in, int outer, int length, int inner, float[] half, GaussianOptions.Border border) {
    if (length <= 1) {
      return in;
    }
    float[] out = new float[in.length];
    Chunks.forEach(
        outer * length,
        1 + (1 << 15) / Math.max(1, inner),
        (from, to) -> {
          for (int line = from; line < to; line++) {
            int start = line / length * length * inner;
            int u = line % length;
            add(in, start + u * inner, half[0], out, line * inner, inner);
            for (int i = 1; i < half.length; i++) {
              int before = start + border.inside(u - i, length) * inner;
              int after = start + border.inside(u + i, length) * inner;
              add(in, before, half[i], out, line * inner, inner);
              add(in, after, half[i], out, line * inner, inner);
            }
          }
        });
    return out;
  }

  private static void add(float[] in, int from, float tap, float[] out, int to, int count) {
    for (int i = 0; i < count; i++) {
      out[to + i] += tap * in[from + i];
    }
  }
}
