package io.github.microsam.train.prompts;

import java.util.random.RandomGenerator;

/**
 * How objects are prompted in training.
 *
 * @param start what the annotator begins with
 * @param subIterations how often the model answers, 8 in micro-sam: the first prompt, then with one
 *     more positive and one more negative point each time
 * @param maskProbability chance that an answer is handed back as a mask prompt, per image and
 *     sub-iteration
 * @param maxObjects how many objects of an image are prompted at most
 * @param simulation of boxes and negative points
 */
public record PromptScheme(
    Start start,
    int subIterations,
    double maskProbability,
    int maxObjects,
    PromptSimulationOptions simulation) {

  /** What the annotator begins with. */
  public enum Start {
    /** In turn a point and a box, as micro-sam trains. */
    POINT_AND_BOX,
    /** One point. */
    POINT,
    /** A box: with one sub-iteration the scheme of MedSAM. */
    BOX
  }

  /**
   * Checks the numbers.
   *
   * @param start what the annotator begins with
   * @param subIterations at least 1
   * @param maskProbability from 0 to 1
   * @param maxObjects at least 1
   * @param simulation of boxes and negative points
   */
  public PromptScheme {
    if (subIterations < 1 || !(maskProbability >= 0 && maskProbability <= 1) || maxObjects < 1) {
      throw new IllegalArgumentException(
          "%d sub-iterations, mask probability %s, %d objects; expected at least 1, 0 to 1, at least 1"
              .formatted(subIterations, maskProbability, maxObjects));
    }
  }

  /**
   * micro-sam's iterative scheme: point and box in turn, 8 sub-iterations, mask prompts half of the
   * time, up to 25 objects.
   *
   * @return the defaults
   */
  public static PromptScheme defaults() {
    return new PromptScheme(Start.POINT_AND_BOX, 8, 0.5, 25, PromptSimulationOptions.training());
  }

  /**
   * Without corrections: one answer to one prompt (the simpler schemes that the paper compares
   * with).
   *
   * @param start a point, a box, or both in turn
   * @return the scheme
   */
  public static PromptScheme fixed(Start start) {
    return defaults().withStart(start).withSubIterations(1).withMaskProbability(0);
  }

  /**
   * The first prompt of a training step.
   *
   * @param step which one, from 0
   * @return the prompt
   */
  public FirstPrompt first(long step) {
    return switch (start) {
      case POINT -> FirstPrompt.POINT;
      case BOX -> FirstPrompt.BOX;
      case POINT_AND_BOX -> step % 2 == 0 ? FirstPrompt.POINT : FirstPrompt.BOX;
    };
  }

  /**
   * The first prompt of a batch of a validation: of the kinds that are trained.
   *
   * @param batch which batch of the validation
   * @param random draws the numbers of points
   * @return the prompt
   */
  public FirstPrompt ofValidation(long batch, RandomGenerator random) {
    return start == Start.POINT_AND_BOX ? FirstPrompt.ofValidation(batch, random) : first(batch);
  }

  /**
   * Another beginning.
   *
   * @param start what the annotator begins with
   * @return a copy
   */
  public PromptScheme withStart(Start start) {
    return new PromptScheme(start, subIterations, maskProbability, maxObjects, simulation);
  }

  /**
   * Another number of answers.
   *
   * @param subIterations at least 1
   * @return a copy
   */
  public PromptScheme withSubIterations(int subIterations) {
    return new PromptScheme(start, subIterations, maskProbability, maxObjects, simulation);
  }

  /**
   * Another chance of mask prompts.
   *
   * @param maskProbability from 0 to 1
   * @return a copy
   */
  public PromptScheme withMaskProbability(double maskProbability) {
    return new PromptScheme(start, subIterations, maskProbability, maxObjects, simulation);
  }

  /**
   * Another limit of objects.
   *
   * @param maxObjects at least 1
   * @return a copy
   */
  public PromptScheme withMaxObjects(int maxObjects) {
    return new PromptScheme(start, subIterations, maskProbability, maxObjects, simulation);
  }
}
