package io.github.microsam.bench;

import java.util.Random;

/** Inputs that are the same in every run. */
final class Inputs {
  private static final long SEED = 4;

  private Inputs() {}

  /** Of a normalised image, or of an embedding. */
  static float[] normal(int length) {
    Random random = new Random(SEED);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** One point a prompt, and the padding point that goes with it: x and y within a square. */
  static float[] points(int prompts, int size) {
    Random random = new Random(SEED);
    float[] points = new float[4 * prompts];
    for (int i = 0; i < prompts; i++) {
      points[4 * i] = size * random.nextFloat();
      points[4 * i + 1] = size * random.nextFloat();
    }
    return points;
  }

  /** Labels of {@link #points}. */
  static float[] labels(int prompts) {
    float[] labels = new float[2 * prompts];
    for (int i = 0; i < prompts; i++) {
      labels[2 * i] = 1;
      labels[2 * i + 1] = -1;
    }
    return labels;
  }
}
