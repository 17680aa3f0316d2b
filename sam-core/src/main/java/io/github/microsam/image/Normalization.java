package io.github.microsam.image;

import java.util.Arrays;

/**
 * Normalisations of torch-em, for training on data that are not 8 bit. They work in place on part
 * of an array: the whole of it, or channel by channel ({@code axis} in torch-em). Threads may work
 * on parts that do not overlap.
 */
public final class Normalization {
  private static final float EPSILON = 1e-7f;

  private Normalization() {}

  /**
   * To 0 to 1: {@code (v - min) / (max - min + 1e-7)}; torch-em's {@code normalize}.
   *
   * @param values finite
   * @param from first element
   * @param to element after the last
   */
  public static void minMax(float[] values, int from, int to) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      min = Math.min(min, values[i]);
      max = Math.max(max, values[i]);
    }
    float divisor = (max - min) + EPSILON;
    for (int i = from; i < to; i++) {
      values[i] = (values[i] - min) / divisor;
    }
  }

  /**
   * So that two percentiles become 0 and 1; values beyond them are kept, not clipped. torch-em's
   * {@code normalize_percentile}, with NumPy's linear interpolation between ranks.
   *
   * @param values finite
   * @param from first element
   * @param to element after the last
   * @param lower percentile that becomes 0, torch-em's default is 1
   * @param upper percentile that becomes 1, torch-em's default is 99
   * @throws IllegalArgumentException unless 0 ≤ lower &lt; upper ≤ 100 and there is a value
   */
  public static void percentile(float[] values, int from, int to, double lower, double upper) {
    if (!(0 <= lower && lower < upper && upper <= 100) || to <= from) {
      throw new IllegalArgumentException(
          "percentiles %s and %s of %d values".formatted(lower, upper, to - from));
    }
    float[] sorted = Arrays.copyOfRange(values, from, to);
    Arrays.parallelSort(sorted);
    double low = ranked(sorted, lower);
    double divisor = ranked(sorted, upper) - low + EPSILON;
    for (int i = from; i < to; i++) {
      values[i] = (float) ((float) (values[i] - low) / divisor);
    }
  }

  private static double ranked(float[] sorted, double percentile) {
    double rank = percentile / 100 * (sorted.length - 1);
    int below = (int) rank;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (rank - below) * ((double) sorted[above] - sorted[below]);
  }
}
