package io.github.microsam.image;

/**
 * Weights of the antialiased bilinear filter along one axis: a triangle of the size of an output
 * pixel where the image shrinks, of an input pixel where it grows. {@code precompute_coeffs} of
 * Pillow's Resample.c; PyTorch's {@code antialias=True} has the same ones in single precision.
 */
final class TriangleFilter {
  private final int[] start;
  private final double[][] weights;
  private final int longest;

  private TriangleFilter(int[] start, double[][] weights, int longest) {
    this.start = start;
    this.weights = weights;
    this.longest = longest;
  }

  /** Weights that sum to 1, from {@code in} pixels to {@code out} pixels. */
  static TriangleFilter of(int in, int out) {
    double scale = (double) in / out;
    double support = Math.max(scale, 1.0);
    double inverse = 1.0 / support;
    int[] start = new int[out];
    double[][] weights = new double[out][];
    int longest = 0;
    for (int i = 0; i < out; i++) {
      double centre = (i + 0.5) * scale;
      int from = Math.max(0, (int) (centre - support + 0.5));
      int to = Math.min(in, (int) (centre + support + 0.5));
      double[] w = new double[to - from];
      double sum = 0;
      for (int k = 0; k < w.length; k++) {
        w[k] = Math.max(0.0, 1.0 - Math.abs((k + from - centre + 0.5) * inverse));
        sum += w[k];
      }
      for (int k = 0; k < w.length; k++) {
        w[k] /= sum;
      }
      start[i] = from;
      weights[i] = w;
      longest = Math.max(longest, w.length);
    }
    return new TriangleFilter(start, weights, longest);
  }

  /** The same weights as whole multiples of 1 / {@code unit}, rounded as C casts do. */
  TriangleFilter inUnits(double unit) {
    double[][] rounded = new double[weights.length][];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = weights[i].clone();
      for (int k = 0; k < rounded[i].length; k++) {
        rounded[i][k] = (int) (0.5 + rounded[i][k] * unit);
      }
    }
    return new TriangleFilter(start, rounded, longest);
  }

  /** First input pixel that output pixel {@code i} is made of. */
  int start(int i) {
    return start[i];
  }

  /** Input pixel after the last one that output pixel {@code i} is made of. */
  int end(int i) {
    return start[i] + weights[i].length;
  }

  /** Weights of the input pixels of output pixel {@code i}. */
  double[] weights(int i) {
    return weights[i];
  }

  /** Most input pixels that one output pixel is made of. */
  int longest() {
    return longest;
  }
}
