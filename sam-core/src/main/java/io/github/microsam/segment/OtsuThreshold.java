package io.github.microsam.segment;

/**
 * Local Otsu thresholds (Otsu 1979) of a square image: each pixel's is that of the window around
 * it, where pixels outside the image count as the image's smallest value.
 */
final class OtsuThreshold {
  private static final int RADIUS = 15;
  private static final int BINS = 64;
  private static final float LEAST_RANGE = 1e-6f;

  private OtsuThreshold() {}

  /** The highest threshold of all windows, at least 0. */
  static double highest(float[] values, int side) {
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float v : values) {
      least = Math.min(least, v);
      most = Math.max(most, v);
    }
    float range = Math.max(most - least, LEAST_RANGE);
    int[] bins = new int[values.length];
    for (int i = 0; i < bins.length; i++) {
      bins[i] = (int) ((values[i] - least) / range * (BINS - 1));
    }
    return Math.max(0, least + highestBin(bins, side) / (double) (BINS - 1) * range);
  }

  private static int highestBin(int[] bins, int side) {
    int highest = 0;
    for (int y = 0; y < side; y++) {
      int[] histogram = new int[BINS];
      for (int x = -RADIUS; x < RADIUS; x++) {
        addColumn(bins, side, x, y, 1, histogram);
      }
      for (int x = 0; x < side; x++) {
        addColumn(bins, side, x + RADIUS, y, 1, histogram);
        highest = Math.max(highest, split(histogram));
        addColumn(bins, side, x - RADIUS, y, -1, histogram);
      }
    }
    return highest;
  }

  private static void addColumn(int[] bins, int side, int x, int y, int times, int[] histogram) {
    for (int row = y - RADIUS; row <= y + RADIUS; row++) {
      boolean inside = x >= 0 && x < side && row >= 0 && row < side;
      histogram[inside ? bins[row * side + x] : 0] += times;
    }
  }

  /** The first bin that separates a histogram's two classes best. */
  private static int split(int[] histogram) {
    long count = 0;
    long sum = 0;
    for (int b = 0; b < BINS; b++) {
      count += histogram[b];
      sum += (long) b * histogram[b];
    }
    int best = 0;
    double largest = 0;
    long below = 0;
    long sumBelow = 0;
    for (int b = 0; b < BINS; b++) {
      below += histogram[b];
      sumBelow += (long) b * histogram[b];
      if (below == 0 || below == count) {
        continue;
      }
      double difference = (double) sumBelow / below - (double) (sum - sumBelow) / (count - below);
      double variance = (double) below * (count - below) * difference * difference;
      if (variance > largest) {
        largest = variance;
        best = b;
      }
    }
    return best;
  }
}
