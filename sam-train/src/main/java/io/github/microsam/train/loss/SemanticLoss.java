package io.github.microsam.train.loss;

import java.util.OptionalDouble;

/**
 * The loss of semantic training (micro_sam/training/semantic_sam_trainer.py): Dice of the classes'
 * probabilities, summed over classes, plus mean cross-entropy. Probabilities are the softmax of the
 * logits over the channels, one channel a class.
 *
 * @param diceWeight weight w of w · Dice + (1 − w) · cross-entropy, from 0 to 1; empty for the sum
 *     of both
 */
public record SemanticLoss(OptionalDouble diceWeight) {

  /**
   * The loss and its gradient.
   *
   * @param logits [batch, classes, pixels]
   * @param classes [batch, pixels]: class of each pixel, from 0 to the number of channels − 1
   * @param shape of the logits
   * @param gradient overwritten with the derivative with respect to the logits
   * @return the loss
   * @throws IllegalArgumentException if a class has no channel, or an array has another length
   */
  public double evaluate(float[] logits, int[] classes, MapShape shape, float[] gradient) {
    shape.check(logits, gradient);
    float[] probabilities = softmax(logits, shape);
    float[] oneHot = oneHot(classes, shape);
    float[] forProbabilities = new float[logits.length];
    double dice = new DiceLoss().evaluate(probabilities, oneHot, shape, forProbabilities);
    double crossEntropy = 0;
    double weight = diceWeight.orElse(1);
    double other = diceWeight.isPresent() ? 1 - weight : 1;
    double count = (double) shape.batch() * shape.pixels();
    for (int b = 0; b < shape.batch(); b++) {
      for (int k = 0; k < shape.pixels(); k++) {
        double mean = 0;
        for (int c = 0; c < shape.channels(); c++) {
          int i = shape.start(b, c) + k;
          mean += (double) probabilities[i] * forProbabilities[i];
        }
        for (int c = 0; c < shape.channels(); c++) {
          int i = shape.start(b, c) + k;
          double softmaxBack = probabilities[i] * (forProbabilities[i] - mean);
          gradient[i] =
              (float) (weight * softmaxBack + other * (probabilities[i] - oneHot[i]) / count);
        }
        crossEntropy -= logProbability(logits, shape, b, k, classes[b * shape.pixels() + k]);
      }
    }
    return weight * dice + other * crossEntropy / count;
  }

  private static double logProbability(float[] logits, MapShape shape, int image, int k, int c) {
    double max = max(logits, shape, image, k);
    double sum = 0;
    for (int other = 0; other < shape.channels(); other++) {
      sum += Math.exp(logits[shape.start(image, other) + k] - max);
    }
    return logits[shape.start(image, c) + k] - max - Math.log(sum);
  }

  private static double max(float[] logits, MapShape shape, int image, int k) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < shape.channels(); c++) {
      max = Math.max(max, logits[shape.start(image, c) + k]);
    }
    return max;
  }

  private static float[] softmax(float[] logits, MapShape shape) {
    float[] out = new float[logits.length];
    for (int b = 0; b < shape.batch(); b++) {
      for (int k = 0; k < shape.pixels(); k++) {
        double max = max(logits, shape, b, k);
        double sum = 0;
        for (int c = 0; c < shape.channels(); c++) {
          sum += Math.exp(logits[shape.start(b, c) + k] - max);
        }
        for (int c = 0; c < shape.channels(); c++) {
          int i = shape.start(b, c) + k;
          out[i] = (float) (Math.exp(logits[i] - max) / sum);
        }
      }
    }
    return out;
  }

  private static float[] oneHot(int[] classes, MapShape shape) {
    if (classes.length != shape.batch() * shape.pixels()) {
      throw new IllegalArgumentException(classes.length + " classes of pixels for " + shape);
    }
    float[] out = new float[shape.length()];
    for (int b = 0; b < shape.batch(); b++) {
      for (int k = 0; k < shape.pixels(); k++) {
        int c = classes[b * shape.pixels() + k];
        if (c < 0 || c >= shape.channels()) {
          throw new IllegalArgumentException(
              "class %d of a pixel; expected 0 to %d, as the model has %d outputs"
                  .formatted(c, shape.channels() - 1, shape.channels()));
        }
        out[shape.start(b, c) + k] = 1;
      }
    }
    return out;
  }
}
