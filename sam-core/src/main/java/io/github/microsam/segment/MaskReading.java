package io.github.microsam.segment;

import io.github.microsam.image.Tiling;
import io.github.microsam.label.RunLengths;
import io.github.microsam.prompt.Prediction;
import net.imglib2.FinalInterval;

/**
 * Run lengths and stability of a prediction, of which only that part is brought to the size of the
 * image where its logits are not all far below the threshold.
 *
 * @param mask in the coordinates of the image; empty if no logit is above the threshold
 * @param stability NaN if no logit is above the lower threshold
 */
record MaskReading(RunLengths mask, float stability) {

  /**
   * Reads a prediction.
   *
   * @param x left column in the image of what was embedded
   * @param y its top row
   * @param threshold of the mask
   * @param offset of the stability score
   */
  static MaskReading of(Prediction prediction, int x, int y, double threshold, double offset) {
    float middle = (float) threshold;
    float high = (float) (threshold + offset);
    float low = (float) (threshold - offset);
    Tiling.Region region = prediction.support(Math.min(low, middle));
    boolean[] pixels = new boolean[region.width() * region.height()];
    int[] counts = new int[2];
    prediction.rows(
        region,
        (row, logits) -> {
          int at = (row - region.y()) * region.width();
          int aboveHigh = 0;
          int aboveLow = 0;
          for (int i = region.x(); i < region.x() + region.width(); i++) {
            pixels[at++] = isBelow(middle, logits[i]) == 1;
            aboveHigh += isBelow(high, logits[i]);
            aboveLow += isBelow(low, logits[i]);
          }
          counts[0] += aboveHigh;
          counts[1] += aboveLow;
        });
    FinalInterval frame =
        FinalInterval.createMinSize(
            x + region.x(), y + region.y(), region.width(), region.height());
    return new MaskReading(RunLengths.ofPixels(frame, pixels), (float) counts[0] / counts[1]);
  }

  /** 1 if {@code a < b}, else 0, without a branch: the sign of their difference. */
  private static int isBelow(float a, float b) {
    return Float.floatToRawIntBits(a - b) >>> 31;
  }
}
