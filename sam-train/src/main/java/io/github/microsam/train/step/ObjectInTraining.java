package io.github.microsam.train.step;

import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.model.PromptEncoder;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.train.prompts.TrueObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** One object of a step: what it is, how it has been prompted so far, and the last answer. */
final class ObjectInTraining {
  final int image;

  /** Share of the object in the loss of the step. */
  final double weight;

  final TrueObject truth;
  final boolean[] mask;
  final RandomGenerator random;
  final List<Prompt.Point> points = new ArrayList<>();
  Optional<Prompt.Box> box = Optional.empty();

  /** Logits of the last answer, as a mask prompt; null before the first one. */
  float[] answer;

  ObjectInTraining(int image, double weight, TrueObject truth, RandomGenerator random) {
    this.image = image;
    this.weight = weight;
    this.truth = truth;
    this.random = random;
    mask = truth.mask();
  }

  /** Points, one of padding if there is no box, corners of the box. */
  int tokens() {
    return points.size() + (box.isPresent() ? 2 : 1);
  }

  /** Writes the tokens' places in the model's input and their labels. */
  void write(CoordinateTransform transform, float[] places, float[] labels, int first) {
    int i = first;
    for (Prompt.Point p : points) {
      places[2 * i] = transform.toInputX(p.x());
      places[2 * i + 1] = transform.toInputY(p.y());
      labels[i++] = p.positive() ? PromptEncoder.POSITIVE : PromptEncoder.NEGATIVE;
    }
    if (box.isEmpty()) {
      labels[i] = PromptEncoder.PADDING; // where it lies does not matter
      return;
    }
    Prompt.Box b = box.get();
    places[2 * i] = transform.toInputX(b.x0());
    places[2 * i + 1] = transform.toInputY(b.y0());
    labels[i++] = PromptEncoder.BOX_FIRST;
    places[2 * i] = transform.toInputX(b.x1());
    places[2 * i + 1] = transform.toInputY(b.y1());
    labels[i] = PromptEncoder.BOX_SECOND;
  }
}
