package io.github.microsam.segment;

import io.github.microsam.label.RunLengths;
import net.imglib2.Interval;

/**
 * A mask that may become an object.
 *
 * @param mask not empty, in the coordinates of the image; its frame may be smaller
 * @param box the smallest interval that holds the mask. Like all of ImgLib2's intervals it ends
 *     with its last pixel, and its dimensions are the true width and height; the records of the
 *     reference have one less.
 * @param iouPrediction how well the model expects the mask to fit, about 0 to 1
 * @param stability IoU of the masks at a higher and a lower threshold, 0 to 1
 * @param x of the prompt's point, in the image
 * @param y of the prompt's point
 */
public record MaskCandidate(
    RunLengths mask, Interval box, float iouPrediction, float stability, double x, double y) {

  /**
   * A mask with the box that holds it.
   *
   * @param mask not empty
   * @param iouPrediction how well the model expects the mask to fit
   * @param stability IoU of the masks at a higher and a lower threshold
   * @param x of the prompt's point, in the image
   * @param y of the prompt's point
   * @throws IllegalArgumentException if the mask is empty
   */
  public MaskCandidate(RunLengths mask, float iouPrediction, float stability, double x, double y) {
    this(
        mask,
        mask.box().orElseThrow(() -> new IllegalArgumentException("an empty mask")),
        iouPrediction,
        stability,
        x,
        y);
  }

  /**
   * The same with another mask.
   *
   * @param other not empty
   * @return a copy
   */
  MaskCandidate withMask(RunLengths other) {
    return new MaskCandidate(other, iouPrediction, stability, x, y);
  }
}
