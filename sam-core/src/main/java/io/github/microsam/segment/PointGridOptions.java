package io.github.microsam.segment;

import java.util.List;
import java.util.function.Consumer;

/**
 * Which points AMG prompts with. Changing these needs the networks to run again.
 *
 * @param pointsPerSide points along each side of the image, and of a tile, of a regular grid
 * @param pointsPerBatch points that are decoded together; more need more memory
 * @param cropLayers layers of crops that are embedded and segmented as well: layer n has
 *     2<sup>n</sup> crops along each side; 0 for the image alone
 * @param cropOverlapRatio how much the crops of the first layer overlap, as a share of the shorter
 *     side of the image; half as much in the next layer, and so on
 * @param cropPointsDownscale a crop of layer n has {@code pointsPerSide / downscale^n} points along
 *     each side
 * @param stabilityOffset distance of the two thresholds of logits whose masks are compared for the
 *     stability score
 * @param positions points instead of the regular grids: those of the image or a tile, then those of
 *     a crop of each layer; none for regular grids
 */
public record PointGridOptions(
    int pointsPerSide,
    int pointsPerBatch,
    int cropLayers,
    double cropOverlapRatio,
    int cropPointsDownscale,
    double stabilityOffset,
    List<List<Position>> positions) {

  /**
   * A point in an image, a tile or a crop.
   *
   * @param x from 0, its left edge, to 1, its right edge
   * @param y from 0, its upper edge, to 1, its lower edge
   */
  public record Position(double x, double y) {

    /**
     * Checks the numbers.
     *
     * @param x 0 to 1
     * @param y 0 to 1
     * @throws SegmentationException if one is out of range
     */
    public Position {
      if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) {
        throw new SegmentationException(
            "A point at %s, %s of an image; expected 0 to 1.".formatted(x, y));
      }
    }
  }

  /**
   * Checks the numbers.
   *
   * @param pointsPerSide at least 1
   * @param pointsPerBatch at least 1
   * @param cropLayers 0 to 8
   * @param cropOverlapRatio 0 to 1
   * @param cropPointsDownscale at least 1
   * @param stabilityOffset 0 or more
   * @param positions none, or for the image and every layer of crops
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
    positions = positions.stream().map(List::copyOf).toList();
    if (!positions.isEmpty() && positions.size() <= cropLayers) {
      throw new SegmentationException(
          "%d lists of points for the image and %d layers of crops; expected one for each."
              .formatted(positions.size(), cropLayers));
    }
  }

  /**
   * 32 points per side, 64 a batch, no crops.
   *
   * @return the defaults of the reference
   */
  public static PointGridOptions defaults() {
    return new PointGridOptions(32, 64, 0, 512.0 / 1500, 1, 1.0, List.of());
  }

  /**
   * With another number of points.
   *
   * @param points along each side
   * @return a copy
   */
  public PointGridOptions withPointsPerSide(int points) {
    return changed(c -> c.pointsPerSide = points);
  }

  /**
   * With another size of batches.
   *
   * @param points that are decoded together
   * @return a copy
   */
  public PointGridOptions withPointsPerBatch(int points) {
    return changed(c -> c.pointsPerBatch = points);
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
    return changed(
        c -> {
          c.cropLayers = layers;
          c.cropOverlapRatio = overlapRatio;
          c.cropPointsDownscale = pointsDownscale;
        });
  }

  /**
   * With another offset of the stability score.
   *
   * @param offset in logits
   * @return a copy
   */
  public PointGridOptions withStabilityOffset(double offset) {
    return changed(c -> c.stabilityOffset = offset);
  }

  /**
   * With points of one's own instead of regular grids (the reference's {@code point_grids}).
   *
   * @param points those of the image or a tile, then those of a crop of each layer; none for
   *     regular grids
   * @return a copy
   */
  public PointGridOptions withPositions(List<List<Position>> points) {
    return changed(c -> c.positions = points);
  }

  private PointGridOptions changed(Consumer<Change> change) {
    Change c = new Change();
    change.accept(c);
    return new PointGridOptions(
        c.pointsPerSide,
        c.pointsPerBatch,
        c.cropLayers,
        c.cropOverlapRatio,
        c.cropPointsDownscale,
        c.stabilityOffset,
        c.positions);
  }

  /** The components while some of them are changed. */
  private final class Change {
    int pointsPerSide = pointsPerSide();
    int pointsPerBatch = pointsPerBatch();
    int cropLayers = cropLayers();
    double cropOverlapRatio = cropOverlapRatio();
    int cropPointsDownscale = cropPointsDownscale();
    double stabilityOffset = stabilityOffset();
    List<List<Position>> positions = positions();
  }
}
