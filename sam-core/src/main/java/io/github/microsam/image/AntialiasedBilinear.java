package io.github.microsam.image;

import java.util.Arrays;

/**
 * Bilinear resizing that averages where an image shrinks: first along rows, then along columns.
 * There are two arithmetics, which differ by less than one grey level:
 *
 * <ul>
 *   <li>{@link #EIGHT_BIT}, Pillow's for images of bytes, bit for bit: weights in fixed point with
 *       22 bits, results of both passes rounded to bytes. Inference resizes with it.
 *   <li>{@link #FLOAT}, PyTorch's {@code F.interpolate(mode="bilinear", align_corners=False,
 *       antialias=True)}. Training resizes with it.
 * </ul>
 *
 * <p>The image is streamed: beside the result, memory holds a few rows a thread. Stateless, may be
 * shared by threads.
 */
public enum AntialiasedBilinear {
  /** Whole numbers 0 to 255 in and out; Pillow's fixed point. */
  EIGHT_BIT(1 << 22),
  /** Floats in and out. */
  FLOAT(0);

  /** Fixed point: what a weight of one is; sums fit a double exactly. 0: weights are fractions. */
  private final double unit;

  AntialiasedBilinear(double unit) {
    this.unit = unit;
  }

  /**
   * Resizes an image.
   *
   * @param image what to resize; {@link #EIGHT_BIT} expects whole numbers 0 to 255
   * @param width new width in pixels
   * @param height new height in pixels
   * @return values of shape [channels, height, width]
   */
  public float[] resize(ImageSource image, int width, int height) {
    float[] out = new float[Math.toIntExact((long) image.channels() * height * width)];
    resize(image, image.channels(), new Target(width, height, out, width, height * width));
    return out;
  }

  /** Where resized pixels go: several channels, each with its rows {@code rowStride} apart. */
  static final class Target {
    final int width;
    final int height;
    final float[] values;
    final int rowStride;
    final int channelStride;

    Target(int width, int height, float[] values, int rowStride, int channelStride) {
      this.width = width;
      this.height = height;
      this.values = values;
      this.rowStride = rowStride;
      this.channelStride = channelStride;
    }
  }

  /** Resizes the first channels of an image. */
  void resize(ImageSource image, int channels, Target target) {
    TriangleFilter alongRows = filter(image.width(), target.width);
    TriangleFilter alongColumns = filter(image.height(), target.height);
    RowBand.forEach(
        channels, target.height, band -> resize(image, band, alongRows, alongColumns, target));
  }

  private TriangleFilter filter(int in, int out) {
    TriangleFilter filter = TriangleFilter.of(in, out);
    return unit == 0 ? filter : filter.inUnits(unit);
  }

  private void resize(
      ImageSource image,
      RowBand band,
      TriangleFilter alongRows,
      TriangleFilter alongColumns,
      Target target) {
    float[] row = new float[image.width()];
    double[] sums = new double[target.width];
    // Input row y, resized along x, is at y modulo the number of rows that one output row needs.
    float[][] resized = new float[alongColumns.longest()][target.width];
    int next = alongColumns.start(band.from());
    for (int y = band.from(); y < band.to(); y++) {
      for (; next < alongColumns.end(y); next++) {
        image.readRow(band.channel(), next, row);
        alongRow(row, alongRows, sums);
        store(sums, resized[next % resized.length], 0);
      }
      Arrays.fill(sums, 0);
      double[] weights = alongColumns.weights(y);
      for (int k = 0; k < weights.length; k++) {
        addScaled(resized[(alongColumns.start(y) + k) % resized.length], weights[k], sums);
      }
      store(sums, target.values, band.channel() * target.channelStride + y * target.rowStride);
    }
  }

  private static void alongRow(float[] row, TriangleFilter filter, double[] sums) {
    for (int x = 0; x < sums.length; x++) {
      double[] weights = filter.weights(x);
      int start = filter.start(x);
      double sum = 0;
      for (int k = 0; k < weights.length; k++) {
        sum += row[start + k] * weights[k];
      }
      sums[x] = sum;
    }
  }

  private static void addScaled(float[] row, double weight, double[] sums) {
    for (int x = 0; x < sums.length; x++) {
      sums[x] += row[x] * weight;
    }
  }

  private void store(double[] sums, float[] out, int offset) {
    if (unit == 0) {
      for (int x = 0; x < sums.length; x++) {
        out[offset + x] = (float) sums[x];
      }
      return;
    }
    double half = unit / 2;
    double inverse = 1 / unit;
    for (int x = 0; x < sums.length; x++) {
      out[offset + x] = Math.min(255, (int) ((sums[x] + half) * inverse));
    }
  }
}
