package io.github.microsam.bench;

/** Something that is measured, with its input. */
interface Work extends AutoCloseable {
  /** How many values tell whether a result is right. */
  int SAMPLES = 256;

  /**
   * Computes.
   *
   * @return {@value #SAMPLES} values from all over the result, or the whole of a small one
   */
  float[] run();

  @Override
  void close();

  /** Reads one value of a result. */
  @FunctionalInterface
  interface Values {
    float at(long index);
  }

  /** Values from all over a result. */
  static float[] sample(long length, Values values) {
    float[] sample = new float[(int) Math.min(length, SAMPLES)];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = values.at(i * length / sample.length);
    }
    return sample;
  }
}
