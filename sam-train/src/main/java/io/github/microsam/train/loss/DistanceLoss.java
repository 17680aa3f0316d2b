package io.github.microsam.train.loss;

/**
 * The loss of a decoder for automatic segmentation: Dice of the foreground plus the losses of the
 * centre distance and of the boundary distance (torch_em/loss/distance_based.py).
 *
 * @param distances what the distances are compared by
 * @param masked whether distances count in the foreground of the target only, as micro-sam trains
 */
public record DistanceLoss(Distances distances, boolean masked) implements MapLoss {
  private static final int CHANNELS = 3;

  /** How a channel of distances is compared with its target. */
  public enum Distances {
    /** Dice, {@code DiceBasedDistanceLoss}: what micro-sam trains with. */
    DICE,
    /** Mean squared difference, {@code DistanceLoss}. */
    SQUARED
  }

  /**
   * What micro-sam trains with: Dice of all three channels, distances in the foreground only.
   *
   * @return the loss
   */
  public static DistanceLoss defaults() {
    return new DistanceLoss(Distances.DICE, true);
  }

  @Override
  public boolean fits(int channels, int targetChannels) {
    return channels == CHANNELS && targetChannels == CHANNELS;
  }

  @Override
  public double evaluate(float[] prediction, float[] target, MapShape shape, float[] gradient) {
    shape.check(prediction, target, gradient);
    if (shape.channels() != CHANNELS) {
      throw new IllegalArgumentException(
          shape
              + ": this loss is for the three channels foreground, centre distance, boundary"
              + " distance");
    }
    double sum = DiceLoss.channel(prediction, target, shape, 0, gradient);
    for (int c = 1; c < CHANNELS; c++) {
      sum += distance(prediction, target, shape, c, gradient);
    }
    return sum;
  }

  private double distance(float[] p, float[] t, MapShape shape, int channel, float[] gradient) {
    if (distances == Distances.DICE) {
      return dice(p, t, shape, channel, gradient);
    }
    double count = (double) shape.batch() * shape.pixels();
    double sum = 0;
    for (int b = 0; b < shape.batch(); b++) {
      int start = shape.start(b, channel);
      int foreground = shape.start(b, 0);
      for (int k = 0; k < shape.pixels(); k++) {
        double weight = weight(t, foreground + k);
        double difference = weight * ((double) p[start + k] - t[start + k]);
        sum += difference * difference;
        gradient[start + k] = (float) (2 * difference * weight / count);
      }
    }
    return sum / count;
  }

  private double dice(float[] p, float[] t, MapShape shape, int channel, float[] gradient) {
    double product = 0;
    double squares = 0;
    for (int b = 0; b < shape.batch(); b++) {
      int start = shape.start(b, channel);
      int foreground = shape.start(b, 0);
      for (int k = 0; k < shape.pixels(); k++) {
        double weight = weight(t, foreground + k);
        double prediction = weight * p[start + k];
        double truth = weight * t[start + k];
        product += prediction * truth;
        squares += prediction * prediction + truth * truth;
      }
    }
    Overlap overlap = new Overlap(product, squares);
    double forTarget = overlap.forTarget();
    double forPrediction = overlap.forPrediction();
    for (int b = 0; b < shape.batch(); b++) {
      int start = shape.start(b, channel);
      int foreground = shape.start(b, 0);
      for (int k = 0; k < shape.pixels(); k++) {
        double weight = weight(t, foreground + k);
        gradient[start + k] =
            (float) (weight * weight * (forTarget * t[start + k] + forPrediction * p[start + k]));
      }
    }
    return overlap.loss();
  }

  private double weight(float[] target, int foreground) {
    return masked ? target[foreground] : 1;
  }
}
