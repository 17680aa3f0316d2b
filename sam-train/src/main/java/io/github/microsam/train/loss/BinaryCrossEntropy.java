package io.github.microsam.train.loss;

/**
 * Mean binary cross-entropy of probabilities, as {@code torch.nn.BCELoss}: a logarithm counts no
 * less than −100, and in the gradient p (1 − p) no less than 10⁻¹².
 */
public record BinaryCrossEntropy() implements MapLoss {
  private static final double LEAST_LOG = -100;
  private static final double LEAST_VARIANCE = 1e-12;

  @Override
  public double evaluate(float[] prediction, float[] target, MapShape shape, float[] gradient) {
    shape.check(prediction, target, gradient);
    double sum = 0;
    for (int i = 0; i < prediction.length; i++) {
      double p = prediction[i];
      double t = target[i];
      sum -= t * Math.max(LEAST_LOG, Math.log(p)) + (1 - t) * Math.max(LEAST_LOG, Math.log1p(-p));
      gradient[i] = (float) ((p - t) / Math.max(LEAST_VARIANCE, p * (1 - p)) / prediction.length);
    }
    return sum / prediction.length;
  }
}
