package io.github.microsam.prompt;

/**
 * How prompts are run.
 *
 * @param choice which of the decoder's masks is taken
 * @param memoryBytes bound on the native memory that one run of the decoder needs beside the
 *     weights; more objects than fit into it are run one chunk after another, at least one at a
 *     time
 */
public record PredictorOptions(Choice choice, long memoryBytes) {

  /** Which of the decoder's masks is taken. */
  public enum Choice {
    /**
     * {@link #BEST} for a single positive point and nothing else, which may mean a part, an object
     * or a group of them; {@link #SINGLE} otherwise (as micro_sam does).
     */
    AUTOMATIC,
    /** The mask for prompts that mean one object. */
    SINGLE,
    /** Of the candidates for an ambiguous prompt the one with the highest predicted IoU. */
    BEST
  }

  /**
   * Checks the bound.
   *
   * @param choice which of the decoder's masks is taken
   * @param memoryBytes at least 1
   * @throws IllegalArgumentException if the bound is below 1
   */
  public PredictorOptions {
    if (memoryBytes < 1) {
      throw new IllegalArgumentException(
          "A memory bound of " + memoryBytes + " bytes; expected about 1 GiB, " + (1L << 30) + ".");
    }
  }

  /**
   * {@link Choice#AUTOMATIC} and 1 GiB.
   *
   * @return the options
   */
  public static PredictorOptions defaults() {
    return new PredictorOptions(Choice.AUTOMATIC, 1L << 30);
  }

  /**
   * With another choice.
   *
   * @param choice which of the decoder's masks is taken
   * @return a copy
   */
  public PredictorOptions withChoice(Choice choice) {
    return new PredictorOptions(choice, memoryBytes);
  }

  /**
   * With another bound.
   *
   * @param memoryBytes at least 1
   * @return a copy
   */
  public PredictorOptions withMemoryBytes(long memoryBytes) {
    return new PredictorOptions(choice, memoryBytes);
  }
}
