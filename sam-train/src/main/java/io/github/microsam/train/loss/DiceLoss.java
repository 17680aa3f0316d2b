package io.github.microsam.train.loss;

/**
 * Dice of each channel, over all images and pixels together, summed over channels (torch-em's
 * {@code DiceLoss}).
 */
public record DiceLoss() implements MapLoss {

  @Override
  public double evaluate(float[] prediction, float[] target, MapShape shape, float[] gradient) {
    shape.check(prediction, target, gradient);
    double sum = 0;
    for (int c = 0; c < shape.channels(); c++) {
      sum += channel(prediction, target, shape, c, gradient);
    }
    return sum;
  }

  /** Dice of one channel. */
  static double channel(float[] p, float[] t, MapShape shape, int channel, float[] gradient) {
    double product = 0;
    double squares = 0;
    for (int b = 0; b < shape.batch(); b++) {
      int start = shape.start(b, channel);
      for (int i = start; i < start + shape.pixels(); i++) {
        product += (double) p[i] * t[i];
        squares += (double) p[i] * p[i] + (double) t[i] * t[i];
      }
    }
    Overlap overlap = new Overlap(product, squares);
    double forTarget = overlap.forTarget();
    double forPrediction = overlap.forPrediction();
    for (int b = 0; b < shape.batch(); b++) {
      int start = shape.start(b, channel);
      for (int i = start; i < start + shape.pixels(); i++) {
        gradient[i] = (float) (forTarget * t[i] + forPrediction * p[i]);
      }
    }
    return overlap.loss();
  }
}
