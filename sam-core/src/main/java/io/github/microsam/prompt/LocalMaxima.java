package io.github.microsam.prompt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Peaks of an image (skimage.feature.peak_local_max with {@code exclude_border=False}). */
final class LocalMaxima {
  private LocalMaxima() {}

  /**
   * Pixels that are the largest within a square around them and larger than the image's smallest
   * value, without those that are nearer than the spacing to a higher one (of equal ones: to one
   * that comes first, row by row).
   *
   * @param image row by row
   * @param width of the image in pixels
   * @param spacing half side of the square, and smallest distance along x or y
   * @return positions, the highest first; none if all pixels are equal
   */
  static List<Integer> find(float[] image, int width, int spacing) {
    float[] highest = maximumFilter(image, width, spacing);
    float lowest = Float.POSITIVE_INFINITY;
    for (float v : image) {
      lowest = Math.min(lowest, v);
    }
    float threshold = lowest;
    List<Integer> candidates =
        IntStream.range(0, image.length)
            .filter(i -> image[i] == highest[i] && image[i] > threshold)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -image[i]))
            .toList();
    List<Integer> peaks = new ArrayList<>();
    for (int c : candidates) {
      if (peaks.stream().allMatch(p -> distance(c, p, width) >= spacing)) {
        peaks.add(c);
      }
    }
    return peaks;
  }

  /** Position of the first of the largest values. */
  static int largest(float[] image) {
    int best = 0;
    for (int i = 1; i < image.length; i++) {
      best = image[i] > image[best] ? i : best;
    }
    return best;
  }

  private static int distance(int a, int b, int width) {
    return Math.max(Math.abs(a % width - b % width), Math.abs(a / width - b / width));
  }

  private static float[] maximumFilter(float[] image, int width, int radius) {
    int height = image.length / width;
    float[] rows = new float[image.length];
    for (int i = 0; i < image.length; i++) {
      int start = i - i % width;
      rows[i] = maximum(image, start, 1, i % width, width, radius);
    }
    float[] out = new float[image.length];
    for (int i = 0; i < image.length; i++) {
      out[i] = maximum(rows, i % width, width, i / width, height, radius);
    }
    return out;
  }

  private static float maximum(
      float[] values, int start, int step, int at, int length, int radius) {
    float max = Float.NEGATIVE_INFINITY;
    for (int k = Math.max(0, at - radius); k <= Math.min(length - 1, at + radius); k++) {
      max = Math.max(max, values[start + k * step]);
    }
    return max;
  }
}
