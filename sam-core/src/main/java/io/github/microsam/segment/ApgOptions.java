package io.github.microsam.segment;

import io.github.microsam.label.OverlapMeasure;
import java.util.function.Consumer;

/**
 * How objects are made by prompts that are derived from the maps of the decoder (APG).
 *
 * @param centerDistanceThreshold a point is prompted where the distance to the object's centre is
 *     below, 0 to 1
 * @param boundaryDistanceThreshold and where the inverted distance to its boundary is below
 * @param foregroundThreshold and where the foreground is not below
 * @param minSize masks of this number of pixels or fewer, and objects of fewer, are left out
 * @param multimasking whether the best of several candidates is taken for a point, instead of the
 *     mask that is meant for unambiguous prompts
 * @param batchSize prompts that are decoded together
 * @param nmsThreshold of masks that overlap more the one with the higher score, predicted IoU ×
 *     stability, stays
 * @param overlap how overlap is measured
 * @param maskThreshold from which logit on a pixel belongs to a mask
 * @param refineWithBoxes whether each mask's box is prompted for a second mask that replaces it
 */
public record ApgOptions(
    double centerDistanceThreshold,
    double boundaryDistanceThreshold,
    double foregroundThreshold,
    long minSize,
    boolean multimasking,
    int batchSize,
    double nmsThreshold,
    OverlapMeasure overlap,
    MaskThreshold maskThreshold,
    boolean refineWithBoxes) {

  /**
   * Checks the numbers.
   *
   * @param centerDistanceThreshold a number
   * @param boundaryDistanceThreshold a number
   * @param foregroundThreshold a number
   * @param minSize 0 or more
   * @param multimasking whether the best of several candidates is taken
   * @param batchSize at least 1
   * @param nmsThreshold 0 or more
   * @param overlap how overlap is measured
   * @param maskThreshold from which logit on a pixel belongs to a mask
   * @param refineWithBoxes whether boxes are prompted
   * @throws SegmentationException if one is out of range
   */
  public ApgOptions {
    Checks.number("center distance threshold", centerDistanceThreshold);
    Checks.number("boundary distance threshold", boundaryDistanceThreshold);
    Checks.number("foreground threshold", foregroundThreshold);
    Checks.atLeast("smallest size", minSize, 0);
    Checks.atLeast("number of prompts per batch", batchSize, 1);
    Checks.notNegative("threshold of mask NMS", nmsThreshold);
  }

  /**
   * Thresholds 0.5, masks of more than 25 pixels, suppression at IoU 0.9, no refinement.
   *
   * @return the defaults of the reference
   */
  public static ApgOptions defaults() {
    return new ApgOptions(
        0.5, 0.5, 0.5, 25, false, 32, 0.9, OverlapMeasure.IOU, new MaskThreshold.Fixed(0), false);
  }

  /**
   * With other thresholds of the maps.
   *
   * @param center points are below this centre distance
   * @param boundary and below this boundary distance
   * @param foreground and not below this foreground
   * @return a copy
   */
  public ApgOptions withMapThresholds(double center, double boundary, double foreground) {
    return changed(
        c -> {
          c.centerDistanceThreshold = center;
          c.boundaryDistanceThreshold = boundary;
          c.foregroundThreshold = foreground;
        });
  }

  /**
   * With another smallest size.
   *
   * @param pixels masks of this number or fewer are left out
   * @return a copy
   */
  public ApgOptions withMinSize(long pixels) {
    return changed(c -> c.minSize = pixels);
  }

  /**
   * With another choice of masks.
   *
   * @param best whether the best of several candidates is taken
   * @return a copy
   */
  public ApgOptions withMultimasking(boolean best) {
    return changed(c -> c.multimasking = best);
  }

  /**
   * With another size of batches.
   *
   * @param prompts that are decoded together
   * @return a copy
   */
  public ApgOptions withBatchSize(int prompts) {
    return changed(c -> c.batchSize = prompts);
  }

  /**
   * With another suppression.
   *
   * @param threshold masks that overlap more with a better one are left out
   * @param measure how overlap is measured
   * @return a copy
   */
  public ApgOptions withNms(double threshold, OverlapMeasure measure) {
    return changed(
        c -> {
          c.nmsThreshold = threshold;
          c.overlap = measure;
        });
  }

  /**
   * With another threshold of logits.
   *
   * @param threshold from which logit on a pixel belongs to a mask
   * @return a copy
   */
  public ApgOptions withMaskThreshold(MaskThreshold threshold) {
    return changed(c -> c.maskThreshold = threshold);
  }

  /**
   * With or without refinement.
   *
   * @param boxes whether each mask's box is prompted
   * @return a copy
   */
  public ApgOptions withRefinement(boolean boxes) {
    return changed(c -> c.refineWithBoxes = boxes);
  }

  private ApgOptions changed(Consumer<Change> change) {
    Change c = new Change();
    change.accept(c);
    return new ApgOptions(
        c.centerDistanceThreshold,
        c.boundaryDistanceThreshold,
        c.foregroundThreshold,
        c.minSize,
        c.multimasking,
        c.batchSize,
        c.nmsThreshold,
        c.overlap,
        c.maskThreshold,
        c.refineWithBoxes);
  }

  /** The components while some of them are changed. */
  private final class Change {
    double centerDistanceThreshold = centerDistanceThreshold();
    double boundaryDistanceThreshold = boundaryDistanceThreshold();
    double foregroundThreshold = foregroundThreshold();
    long minSize = minSize();
    boolean multimasking = multimasking();
    int batchSize = batchSize();
    double nmsThreshold = nmsThreshold();
    OverlapMeasure overlap = overlap();
    MaskThreshold maskThreshold = maskThreshold();
    boolean refineWithBoxes = refineWithBoxes();
  }
}
