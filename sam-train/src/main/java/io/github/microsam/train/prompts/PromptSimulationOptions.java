package io.github.microsam.train.prompts;

/**
 * How an annotator is simulated.
 *
 * @param boxNoise how much too large a box may be on each side, as a fraction of its length there
 * @param negativeDistance how far negative points are from the object, and how far at most from its
 *     box, in pixels
 */
public record PromptSimulationOptions(double boxNoise, int negativeDistance) {

  /**
   * Checks the ranges.
   *
   * @param boxNoise 0 or more
   * @param negativeDistance 0 or more
   * @throws IllegalArgumentException if one is negative or no number
   */
  public PromptSimulationOptions {
    if (!(boxNoise >= 0) || Double.isInfinite(boxNoise) || negativeDistance < 0) {
      throw new IllegalArgumentException(
          "box noise %s, distance of negative points %d; expected 0 or more"
              .formatted(boxNoise, negativeDistance));
    }
  }

  /**
   * As the published models were trained: boxes up to 2.5 % too large on each side, negative points
   * 10 pixels away.
   *
   * @return the options
   */
  public static PromptSimulationOptions training() {
    return new PromptSimulationOptions(0.025, 10);
  }

  /**
   * As the published models were evaluated: exact boxes, negative points 5 pixels away.
   *
   * @return the options
   */
  public static PromptSimulationOptions evaluation() {
    return new PromptSimulationOptions(0, 5);
  }
}
