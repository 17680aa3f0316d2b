package io.github.microsam.train.step;

import io.github.microsam.image.CoordinateTransform;
import java.util.Arrays;

/**
 * Enlarges square maps of a decoder to a patch, as {@code Sam.postprocess_masks} does (bilinear to
 * the model's input, without the padding, bilinear to the size of the patch), and back: the adjoint
 * turns a gradient with respect to the patch into one with respect to the map. Both are products
 * with two sparse matrices. Immutable; threads may share it.
 */
final class MapResize {
  private final int side;
  private final Taps rows;
  private final Taps columns;

  /**
   * A resize for patches of one size.
   *
   * @param side of the maps
   * @param inputSide of the model's input
   * @param transform of the patch into the input
   */
  MapResize(int side, int inputSide, CoordinateTransform transform) {
    this.side = side;
    rows =
        Taps.of(side, inputSide)
            .then(Taps.of(transform.inputHeight(), transform.originalHeight()), side);
    columns =
        Taps.of(side, inputSide)
            .then(Taps.of(transform.inputWidth(), transform.originalWidth()), side);
  }

  int width() {
    return columns.length();
  }

  int height() {
    return rows.length();
  }

  /** Elements of the scratch array that both directions need. */
  int scratch() {
    return side * width();
  }

  /**
   * Enlarges one map.
   *
   * @param map [side, side], from {@code offset} on
   * @param scratch at least {@link #scratch()}
   * @param patch [height, width], from {@code to} on, overwritten
   */
  void up(float[] map, int offset, float[] scratch, float[] patch, int to) {
    int width = width();
    for (int r = 0; r < side; r++) {
      int in = offset + r * side;
      for (int x = 0; x < width; x++) {
        float sum = 0;
        int start = in + columns.start[x];
        for (int k = 0; k < columns.span; k++) {
          sum += columns.weights[x * columns.span + k] * map[start + k];
        }
        scratch[r * width + x] = sum;
      }
    }
    for (int y = 0; y < height(); y++) {
      int out = to + y * width;
      Arrays.fill(patch, out, out + width, 0);
      for (int k = 0; k < rows.span; k++) {
        addScaled(
            scratch,
            (rows.start[y] + k) * width,
            rows.weights[y * rows.span + k],
            patch,
            out,
            width);
      }
    }
  }

  /**
   * The adjoint.
   *
   * @param gradient [height, width], from {@code from} on
   * @param scratch at least {@link #scratch()}
   * @param map [side, side], from {@code offset} on, overwritten
   */
  void down(float[] gradient, int from, float[] scratch, float[] map, int offset) {
    int width = width();
    Arrays.fill(scratch, 0, side * width, 0);
    for (int y = 0; y < height(); y++) {
      for (int k = 0; k < rows.span; k++) {
        addScaled(
            gradient,
            from + y * width,
            rows.weights[y * rows.span + k],
            scratch,
            (rows.start[y] + k) * width,
            width);
      }
    }
    Arrays.fill(map, offset, offset + side * side, 0);
    for (int r = 0; r < side; r++) {
      int out = offset + r * side;
      for (int x = 0; x < width; x++) {
        float value = scratch[r * width + x];
        int start = out + columns.start[x];
        for (int k = 0; k < columns.span; k++) {
          map[start + k] += columns.weights[x * columns.span + k] * value;
        }
      }
    }
  }

  private static void addScaled(
      float[] from, int start, float weight, float[] to, int offset, int count) {
    if (weight == 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      to[offset + i] += weight * from[start + i];
    }
  }

  /** A sparse matrix: each output is a weighted sum of {@code span} inputs in a row. */
  private static final class Taps {
    final int span;
    final int[] start;
    final float[] weights;

    private Taps(int span, int[] start, float[] weights) {
      this.span = span;
      this.start = start;
      this.weights = weights;
    }

    int length() {
      return start.length;
    }

    /** PyTorch's bilinear interpolation along one axis, {@code align_corners=False}. */
    static Taps of(int in, int out) {
      double scale = (double) in / out;
      double[][] matrix = new double[out][];
      int[] start = new int[out];
      for (int i = 0; i < out; i++) {
        double at = Math.max(0, (i + 0.5) * scale - 0.5);
        int below = Math.min((int) at, in - 1);
        double fraction = below == in - 1 ? 0 : at - below;
        start[i] = below;
        matrix[i] = fraction == 0 ? new double[] {1} : new double[] {1 - fraction, fraction};
      }
      return packed(start, matrix, in);
    }

    /** This interpolation followed by another one, which reads the first outputs only. */
    Taps then(Taps next, int in) {
      double[][] matrix = new double[next.length()][];
      int[] first = new int[next.length()];
      for (int i = 0; i < matrix.length; i++) {
        double[] row = new double[in];
        int low = in;
        int high = 0;
        for (int k = 0; k < next.span; k++) {
          float outer = next.weights[i * next.span + k];
          if (outer == 0) {
            continue;
          }
          int middle = next.start[i] + k;
          for (int j = 0; j < span; j++) {
            float inner = weights[middle * span + j];
            if (inner != 0) {
              int at = start[middle] + j;
              row[at] += (double) outer * inner;
              low = Math.min(low, at);
              high = Math.max(high, at + 1);
            }
          }
        }
        first[i] = low;
        matrix[i] = Arrays.copyOfRange(row, low, high);
      }
      return packed(first, matrix, in);
    }

    private static Taps packed(int[] first, double[][] matrix, int in) {
      int span = 1;
      for (double[] row : matrix) {
        span = Math.max(span, row.length);
      }
      int[] start = new int[matrix.length];
      float[] weights = new float[matrix.length * span];
      for (int i = 0; i < matrix.length; i++) {
        start[i] = Math.min(first[i], in - span); // the last rows have zeros before their weights
        for (int k = 0; k < matrix[i].length; k++) {
          weights[i * span + first[i] - start[i] + k] = (float) matrix[i][k];
        }
      }
      return new Taps(span, start, weights);
    }
  }
}
