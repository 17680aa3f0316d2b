package io.github.microsam.train.evaluate;

/**
 * What a simulated annotator does.
 *
 * @param start what is given first
 * @param iterations how often the model answers: to the first prompt, and after each correction by
 *     one positive and one negative point
 * @param useMasks whether each answer is handed back as a mask prompt
 * @param objectsAtOnce how many objects are prompted together
 * @param seed another number draws other corrections
 */
public record AnnotatorOptions(
    Start start, int iterations, boolean useMasks, int objectsAtOnce, long seed) {

  /** What is given first. */
  public enum Start {
    /** The pixel of the object that is farthest from its boundary. */
    POINT,
    /** The bounding box. */
    BOX
  }

  /**
   * Checks the numbers.
   *
   * @param start what is given first
   * @param iterations at least 1
   * @param useMasks whether each answer is handed back
   * @param objectsAtOnce at least 1
   * @param seed any number
   * @throws IllegalArgumentException if a number is below 1
   */
  public AnnotatorOptions {
    if (iterations < 1 || objectsAtOnce < 1) {
      throw new IllegalArgumentException(
          "%d iterations with %d objects at once; expected 1 or more"
              .formatted(iterations, objectsAtOnce));
    }
  }

  /**
   * As published models were evaluated: 8 iterations without mask prompts.
   *
   * @param start what is given first
   * @return the options
   */
  public static AnnotatorOptions startingWith(Start start) {
    return new AnnotatorOptions(start, 8, false, 32, 17);
  }

  /**
   * With or without mask prompts.
   *
   * @param masks whether each answer is handed back
   * @return a copy
   */
  public AnnotatorOptions withMasks(boolean masks) {
    return new AnnotatorOptions(start, iterations, masks, objectsAtOnce, seed);
  }

  /**
   * With another number of iterations.
   *
   * @param count how often the model answers
   * @return a copy
   */
  public AnnotatorOptions withIterations(int count) {
    return new AnnotatorOptions(start, count, useMasks, objectsAtOnce, seed);
  }
}
