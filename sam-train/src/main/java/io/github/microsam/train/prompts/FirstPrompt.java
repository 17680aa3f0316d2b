package io.github.microsam.train.prompts;

import java.util.random.RandomGenerator;

/**
 * What the annotator begins with, for every object of a step.
 *
 * @param positives points inside the object
 * @param negatives points outside
 * @param box whether there is a box
 * @param multimask whether the model answers with its candidate masks instead of the single one
 */
public record FirstPrompt(int positives, int negatives, boolean box, boolean multimask) {
  private static final int MOST_POINTS = 4; // in validation, sam_trainer.py:86-120

  /** One point for which the model gives several masks. */
  public static final FirstPrompt POINT = new FirstPrompt(1, 0, false, true);

  /** A box for which it gives one. */
  public static final FirstPrompt BOX = new FirstPrompt(0, 0, true, false);

  /**
   * What a validation begins with: in turn a point, a box, several points, several points and a
   * box.
   *
   * @param batch which batch of the validation
   * @param random draws the numbers of points
   * @return the prompt
   */
  public static FirstPrompt ofValidation(long batch, RandomGenerator random) {
    if (batch % 4 == 0) {
      return POINT;
    }
    if (batch % 4 == 1) {
      return BOX;
    }
    int positives = 1 + random.nextInt(MOST_POINTS);
    int negatives =
        positives == 1 ? 1 + random.nextInt(MOST_POINTS) : random.nextInt(MOST_POINTS + 1);
    return new FirstPrompt(positives, negatives, batch % 4 == 3, false);
  }
}
