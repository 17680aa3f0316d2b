package io.github.microsam.train.loss;

/**
 * The loss of one object in interactive training (micro_sam/training/sam_trainer.py): of its
 * candidate masks the smallest Dice loss counts, and every candidate's predicted IoU is compared
 * with the true one. The gradient of the mask loss is that of the best candidate, and nothing flows
 * through the true IoU.
 *
 * <p>Keeps arrays from call to call; one instance a thread.
 */
public final class ObjectLoss {
  private static final double EPSILON = 1e-7; // of the IoU's denominator

  private final int pixels;
  private float[] best;
  private float[] current;
  private Overlap overlap;
  private int bestMask;
  private double bestLoss;

  /**
   * For objects of one size of patch.
   *
   * @param pixels of a mask
   */
  public ObjectLoss(int pixels) {
    this.pixels = pixels;
    best = new float[pixels];
    current = new float[pixels];
  }

  /** Begins an object: no candidate has been seen. */
  public void begin() {
    bestMask = -1;
    bestLoss = Double.POSITIVE_INFINITY;
  }

  /**
   * Looks at the next candidate.
   *
   * @param mask which candidate this is
   * @param logits of its pixels
   * @param object which pixels are the object's
   * @return true intersection over union of the pixels with a positive logit and the object
   */
  public double add(int mask, float[] logits, boolean[] object) {
    double product = 0;
    double squares = 0;
    int intersection = 0;
    int union = 0;
    for (int i = 0; i < pixels; i++) {
      float p = sigmoid(logits[i]);
      current[i] = p;
      squares += (double) p * p;
      boolean predicted = p > 0.5f;
      if (object[i]) {
        product += p;
        squares += 1;
        union++;
        intersection += predicted ? 1 : 0;
      } else if (predicted) {
        union++;
      }
    }
    Overlap found = new Overlap(product, squares);
    if (bestMask < 0 || found.loss() < bestLoss) {
      bestLoss = found.loss();
      bestMask = mask;
      overlap = found;
      float[] swap = best;
      best = current;
      current = swap;
    }
    return intersection / (union + EPSILON);
  }

  /**
   * The candidate with the smallest Dice loss, the first of equals.
   *
   * @return its number
   */
  public int bestMask() {
    return bestMask;
  }

  /**
   * The Dice loss of that candidate.
   *
   * @return from 0 to 1
   */
  public double maskLoss() {
    return bestLoss;
  }

  /**
   * Derivative of {@code scale} times {@link #maskLoss()} with respect to that candidate's logits.
   *
   * @param object which pixels are the object's
   * @param scale weight of the loss
   * @param gradient overwritten, one a pixel
   */
  public void gradient(boolean[] object, double scale, float[] gradient) {
    float forTarget = (float) (scale * overlap.forTarget());
    float forPrediction = (float) (scale * overlap.forPrediction());
    for (int i = 0; i < pixels; i++) {
      float p = best[i];
      float t = object[i] ? 1 : 0;
      gradient[i] = (forTarget * t + forPrediction * p) * p * (1 - p);
    }
  }

  private static float sigmoid(float x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }
}
