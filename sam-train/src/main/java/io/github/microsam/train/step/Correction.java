package io.github.microsam.train.step;

import io.github.microsam.prompt.Prompt;
import io.github.microsam.train.prompts.TrueObject;
import java.util.List;
import java.util.random.RandomGenerator;

/** How an annotator corrects an answer. */
@FunctionalInterface
interface Correction {

  /**
   * Corrects.
   *
   * @param object the true object
   * @param predicted which pixels of the patch the model took for it
   * @param random source of chance
   * @return further points, as many for every object
   */
  List<Prompt.Point> points(TrueObject object, boolean[] predicted, RandomGenerator random);
}
