package io.github.microsam.segment;

import io.github.microsam.prompt.MaskLogits;

/** From which logit on a pixel belongs to a mask. */
public sealed interface MaskThreshold {
  /**
   * The same for all masks; they are trained for 0.
   *
   * @param logit pixels with larger logits belong to the mask
   */
  record Fixed(double logit) implements MaskThreshold {
    /**
     * Checks the number.
     *
     * @param logit a number
     * @throws SegmentationException if it is not finite
     */
    public Fixed {
      Checks.number("mask threshold", logit);
    }
  }

  /**
   * Found for each mask: the highest of the Otsu thresholds of all windows of 31 × 31 logits at low
   * resolution, at least 0 (micro-sam's {@code mask_threshold="auto"}).
   */
  record LocalOtsu() implements MaskThreshold {}

  /**
   * The threshold of a mask.
   *
   * @param logits of the mask
   * @return pixels with larger logits belong to it
   */
  default double of(MaskLogits logits) {
    if (this instanceof Fixed fixed) {
      return fixed.logit;
    }
    return OtsuThreshold.highest(logits.values(), logits.side());
  }
}
