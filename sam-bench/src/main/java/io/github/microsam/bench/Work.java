package io.github.microsam.bench;

/** Something that is measured, with its input. */
interface Work extends AutoCloseable {
  /** How many values tell whether a result is right. */
  int SAMPLES = 256;

  /**
   * Computes.
   *
   * @return for each output, {@value #SAMPLES} values from all over it, or the whole of a small one
   */
  float[][] run();

  @Override
  void close();

  /** Reads one value of an output. */
  @FunctionalInterface
  interface Values {
    float at(long index);
  }

  /** Values from all over an output. */
  static float[] sample(long length, Values values) {
    float[] sample = new float[(int) Math.min(length, SAMPLES)];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = values.at(i * length / sample.length);
    }
    return sample;
  }
}
