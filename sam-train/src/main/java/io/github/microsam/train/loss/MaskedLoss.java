package io.github.microsam.train.loss;

/**
 * Another loss of what a mask leaves: prediction and target are multiplied with the mask, whose
 * channels follow those of the target (torch-em's {@code LossWrapper} with {@code
 * ApplyAndRemoveMask}). For affinities, which are unknown where an offset leaves the image.
 *
 * @param loss of the masked maps
 */
public record MaskedLoss(MapLoss loss) implements MapLoss {

  /**
   * Dice of what the mask leaves.
   *
   * @return the loss
   */
  public static MaskedLoss defaults() {
    return new MaskedLoss(new DiceLoss());
  }

  @Override
  public boolean fits(int channels, int targetChannels) {
    return targetChannels == 2 * channels && loss.fits(channels, channels);
  }

  @Override
  public double evaluate(float[] prediction, float[] target, MapShape shape, float[] gradient) {
    shape.check(prediction, gradient);
    new MapShape(shape.batch(), 2 * shape.channels(), shape.pixels()).check(target);
    float[] left = new float[prediction.length];
    float[] leftTarget = new float[prediction.length];
    float[] mask = new float[prediction.length];
    int image = shape.channels() * shape.pixels();
    for (int b = 0; b < shape.batch(); b++) {
      System.arraycopy(target, (2 * b + 1) * image, mask, b * image, image);
      for (int i = b * image; i < (b + 1) * image; i++) {
        left[i] = prediction[i] * mask[i];
        leftTarget[i] = target[i + b * image] * mask[i];
      }
    }
    double value = loss.evaluate(left, leftTarget, shape, gradient);
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] *= mask[i];
    }
    return value;
  }
}
