package io.github.microsam.train.step;

/**
 * How long the parts of a training step took, in seconds.
 *
 * @param encoderForward the image encoder, from images to embeddings
 * @param decoders prompts, prompt encoder, decoders and losses, forward and backward
 * @param encoderBackward the image encoder's way back; next to nothing if it is frozen
 */
public record StepTimes(double encoderForward, double decoders, double encoderBackward) {
  /** No step yet. */
  static final StepTimes NONE = new StepTimes(0, 0, 0);

  private static final double NANOSECONDS = 1e9;

  /** The times between four readings of {@link System#nanoTime()}. */
  static StepTimes between(long start, long encoded, long decoded, long end) {
    return new StepTimes(
        (encoded - start) / NANOSECONDS,
        (decoded - encoded) / NANOSECONDS,
        (end - decoded) / NANOSECONDS);
  }
}
