package io.github.microsam.segment;

import java.util.function.Consumer;

/**
 * Which of AMG's masks become objects. Changing these takes milliseconds.
 *
 * @param iouThreshold masks need a higher predicted IoU; 0 takes all
 * @param stabilityThreshold masks need this stability score; 0 takes all
 * @param boxNmsThreshold of masks of the same crop whose boxes have a higher IoU the one with the
 *     highest predicted IoU stays
 * @param cropNmsThreshold of masks of different crops or tiles whose boxes have a higher IoU that
 *     of the smallest crop stays
 * @param minRegionArea holes and islands of fewer pixels are removed from every mask; 0 leaves
 *     masks as they are
 * @param minSize objects of fewer pixels are left out; 0 keeps all. (micro-sam's {@code generate}
 *     has no such option, and its plugin ignores the one it shows.)
 * @param withBackground whether the largest region is removed, which often is the background. True
 *     background is a region like the others, so that nothing is removed where it is the largest:
 *     published results were made with that.
 */
public record MaskSelectionOptions(
    double iouThreshold,
    double stabilityThreshold,
    double boxNmsThreshold,
    double cropNmsThreshold,
    long minRegionArea,
    long minSize,
    boolean withBackground) {

  /**
   * Checks the numbers.
   *
   * @param iouThreshold a number
   * @param stabilityThreshold a number
   * @param boxNmsThreshold 0 or more
   * @param cropNmsThreshold 0 or more
   * @param minRegionArea 0 or more
   * @param minSize 0 or more
   * @param withBackground whether the largest region is removed
   * @throws SegmentationException if one is out of range
   */
  public MaskSelectionOptions {
    Checks.number("threshold of predicted IoU", iouThreshold);
    Checks.number("threshold of stability", stabilityThreshold);
    Checks.notNegative("threshold of box NMS", boxNmsThreshold);
    Checks.notNegative("threshold of crop NMS", cropNmsThreshold);
    Checks.atLeast("smallest area of regions", minRegionArea, 0);
    Checks.atLeast("smallest size", minSize, 0);
  }

  /**
   * IoU 0.88, stability 0.95, both suppressions 0.7, no clean-up, the largest region removed.
   *
   * @return the defaults of the reference
   */
  public static MaskSelectionOptions defaults() {
    return new MaskSelectionOptions(0.88, 0.95, 0.7, 0.7, 0, 0, true);
  }

  /**
   * With other quality thresholds.
   *
   * @param iou masks need a higher predicted IoU
   * @param stability masks need this stability score
   * @return a copy
   */
  public MaskSelectionOptions withThresholds(double iou, double stability) {
    return changed(
        c -> {
          c.iouThreshold = iou;
          c.stabilityThreshold = stability;
        });
  }

  /**
   * With other thresholds of suppression.
   *
   * @param box within a crop
   * @param crop across crops and tiles
   * @return a copy
   */
  public MaskSelectionOptions withNms(double box, double crop) {
    return changed(
        c -> {
          c.boxNmsThreshold = box;
          c.cropNmsThreshold = crop;
        });
  }

  /**
   * With another clean-up.
   *
   * @param area holes and islands of fewer pixels are removed
   * @return a copy
   */
  public MaskSelectionOptions withMinRegionArea(long area) {
    return changed(c -> c.minRegionArea = area);
  }

  /**
   * With another smallest size.
   *
   * @param pixels objects of fewer pixels are left out
   * @return a copy
   */
  public MaskSelectionOptions withMinSize(long pixels) {
    return changed(c -> c.minSize = pixels);
  }

  /**
   * With or without the largest region.
   *
   * @param background whether the largest region is removed
   * @return a copy
   */
  public MaskSelectionOptions withBackground(boolean background) {
    return changed(c -> c.withBackground = background);
  }

  private MaskSelectionOptions changed(Consumer<Change> change) {
    Change c = new Change();
    change.accept(c);
    return new MaskSelectionOptions(
        c.iouThreshold,
        c.stabilityThreshold,
        c.boxNmsThreshold,
        c.cropNmsThreshold,
        c.minRegionArea,
        c.minSize,
        c.withBackground);
  }

  /** The components while some of them are changed. */
  private final class Change {
    double iouThreshold = iouThreshold();
    double stabilityThreshold = stabilityThreshold();
    double boxNmsThreshold = boxNmsThreshold();
    double cropNmsThreshold = cropNmsThreshold();
    long minRegionArea = minRegionArea();
    long minSize = minSize();
    boolean withBackground = withBackground();
  }
}
