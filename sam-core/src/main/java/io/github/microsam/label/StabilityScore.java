package io.github.microsam.label;

import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;

/** How little a mask depends on the threshold that makes it. */
public final class StabilityScore {
  private StabilityScore() {}

  /**
   * IoU of the masks at a higher and at a lower threshold: {@code calculate_stability_score} of
   * segment-anything.
   *
   * @param logits mask logits, any number of axes up to three
   * @param threshold the mask's threshold, 0 in SAM
   * @param offset distance of both thresholds from it, 1 in SAM
   * @return 0 to 1; NaN where both masks are empty, which no threshold passes
   */
  public static float of(
      RandomAccessibleInterval<? extends RealType<?>> logits, double threshold, double offset) {
    float high = (float) (threshold + offset);
    float low = (float) (threshold - offset);
    int intersection = 0;
    int union = 0;
    for (float logit : Pixels.values(logits)) {
      intersection += logit > high ? 1 : 0;
      union += logit > low ? 1 : 0;
    }
    return (float) intersection / union;
  }
}
