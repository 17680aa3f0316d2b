package io.github.microsam.segment;

/**
 * Which points AMG prompts with. Changing these needs the networks to run again.
 *
 * @param pointsPerSide points along each side of the image, and of a tile
 * @param pointsPerBatch points that are decoded together; more need more memory
 * @param cropLayers layers of crops that are embedded and segmented as well: layer n has
 *     2<sup>n</sup> crops along each side; 0 for the image alone
 * @param cropOverlapRatio how much the crops of the first layer overlap, as a share of the shorter
 *     side of the image; half as much in the next layer, and so on
 * @param cropPointsDownscale a crop of layer n has {@code pointsPerSide / downscale^n} points along
 *     each side
 * @param stabilityOffset distance of the two thresholds of logits whose masks are compared for the
 *     stability score
 */
public record PointGridOptions(
    int pointsPerSide,
    int pointsPerBatch,
    int cropLayers,
    double cropOverlapRatio,
    int cropPointsDownscale,
    double stabilityOffset) {

  /**
   * Checks the numbers.
   *
   * @param pointsPerSide at least 1
   * @param pointsPerBatch at least 1
   * @param cropLayers 0 to 8
   * @param cropOverlapRatio 0 to 1
   * @param cropPointsDownscale at least 1
   * @param stabilityOffset 0 or more
   * @throws SegmentationException if one is out of range
   */
  public PointGridOptions {
    Checks.atLeast("number of points per side", pointsPerSide, 1);
    Checks.atLeast("number of points per batch", pointsPerBatch, 1);
    Checks.atLeast("number of crop layers", cropLayers, 0);
    Checks.notNegative("overlap of crops", cropOverlapRatio);
    Checks.atLeast("downscaling of points in crops", cropPointsDownscale, 1);
    Checks.notNegative("stability offset", stabilityOffset);
    if (cropLayers > 8 || cropOverlapRatio > 1) {
      throw new SegmentationException(
          "%d layers of crops that overlap by %s; expected 0 to 8, and 0 to 1."
              .formatted(cropLayers, cropOverlapRatio));
    }
  }

  /**
   * 32 points per side, 64 a batch, no crops.
   *
   * @return the defaults of the reference
   */
  public static PointGridOptions defaults() {
    return new PointGridOptions(32, 64, 0, 512.0 / 1500, 1, 1.0);
  }

  /**
   * With another number of points.
   *
   * @param points along each side
   * @return a copy
   */
  public PointGridOptions withPointsPerSide(int points) {
    return new PointGridOptions(
        points, pointsPerBatch, cropLayers, cropOverlapRatio, cropPointsDownscale, stabilityOffset);
  }

  /**
   * With another size of batches.
   *
   * @param points that are decoded together
   * @return a copy
   */
  public PointGridOptions withPointsPerBatch(int points) {
    return new PointGridOptions(
        pointsPerSide, points, cropLayers, cropOverlapRatio, cropPointsDownscale, stabilityOffset);
  }

  /**
   * With crops.
   *
   * @param layers number of layers, 0 for none
   * @param overlapRatio how much crops overlap, as a share of the shorter side of the image
   * @param pointsDownscale how many times fewer points along a side each layer has
   * @return a copy
   */
  public PointGridOptions withCrops(int layers, double overlapRatio, int pointsDownscale) {
    return new PointGridOptions(
        pointsPerSide, pointsPerBatch, layers, overlapRatio, pointsDownscale, stabilityOffset);
  }

  /**
   * With another offset of the stability score.
   *
   * @param offset in logits
   * @return a copy
   */
  public PointGridOptions withStabilityOffset(double offset) {
    return new PointGridOptions(
        pointsPerSide, pointsPerBatch, cropLayers, cropOverlapRatio, cropPointsDownscale, offset);
  }
}
