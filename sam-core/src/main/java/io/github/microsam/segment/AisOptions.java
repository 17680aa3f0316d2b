package io.github.microsam.segment;

import java.util.function.Consumer;

/**
 * How objects are made from the maps of the decoder (AIS). The record's defaults are the
 * reference's; {@link SegmentationDefaults} has those of the published models.
 *
 * @param centerDistanceThreshold a seed is where the distance to the object's centre is below, 0 to
 *     1
 * @param boundaryDistanceThreshold and where the inverted distance to its boundary is below, 0 to 1
 * @param foregroundThreshold objects are where the foreground is above, 0 to 1
 * @param foregroundSmoothing standard deviation in pixels with which the foreground is smoothed
 * @param distanceSmoothing standard deviation in pixels with which both distances are smoothed
 * @param minSize objects of fewer pixels are left out; 0 keeps all
 */
public record AisOptions(
    double centerDistanceThreshold,
    double boundaryDistanceThreshold,
    double foregroundThreshold,
    double foregroundSmoothing,
    double distanceSmoothing,
    long minSize) {

  /**
   * Checks the numbers.
   *
   * @param centerDistanceThreshold a number
   * @param boundaryDistanceThreshold a number
   * @param foregroundThreshold a number
   * @param foregroundSmoothing 0 or more
   * @param distanceSmoothing 0 or more
   * @param minSize 0 or more
   * @throws SegmentationException if one is out of range
   */
  public AisOptions {
    Checks.number("center distance threshold", centerDistanceThreshold);
    Checks.number("boundary distance threshold", boundaryDistanceThreshold);
    Checks.number("foreground threshold", foregroundThreshold);
    Checks.notNegative("foreground smoothing", foregroundSmoothing);
    Checks.notNegative("distance smoothing", distanceSmoothing);
    Checks.atLeast("smallest size", minSize, 0);
  }

  /**
   * Thresholds 0.5, smoothing 1.0 and 1.6, all sizes.
   *
   * @return the defaults of the reference
   */
  public static AisOptions defaults() {
    return new AisOptions(0.5, 0.5, 0.5, 1.0, 1.6, 0);
  }

  /**
   * With another threshold of centre distances.
   *
   * @param threshold seeds are below
   * @return a copy
   */
  public AisOptions withCenterDistanceThreshold(double threshold) {
    return changed(c -> c.centerDistanceThreshold = threshold);
  }

  /**
   * With another threshold of boundary distances.
   *
   * @param threshold seeds are below
   * @return a copy
   */
  public AisOptions withBoundaryDistanceThreshold(double threshold) {
    return changed(c -> c.boundaryDistanceThreshold = threshold);
  }

  /**
   * With another threshold of the foreground.
   *
   * @param threshold objects are above
   * @return a copy
   */
  public AisOptions withForegroundThreshold(double threshold) {
    return changed(c -> c.foregroundThreshold = threshold);
  }

  /**
   * With another smoothing of the foreground.
   *
   * @param sigma pixels, 0 for none
   * @return a copy
   */
  public AisOptions withForegroundSmoothing(double sigma) {
    return changed(c -> c.foregroundSmoothing = sigma);
  }

  /**
   * With another smoothing of the distances.
   *
   * @param sigma pixels, 0 for none
   * @return a copy
   */
  public AisOptions withDistanceSmoothing(double sigma) {
    return changed(c -> c.distanceSmoothing = sigma);
  }

  /**
   * With another smallest size.
   *
   * @param pixels objects of fewer pixels are left out
   * @return a copy
   */
  public AisOptions withMinSize(long pixels) {
    return changed(c -> c.minSize = pixels);
  }

  private AisOptions changed(Consumer<Change> change) {
    Change c = new Change();
    change.accept(c);
    return new AisOptions(
        c.centerDistanceThreshold,
        c.boundaryDistanceThreshold,
        c.foregroundThreshold,
        c.foregroundSmoothing,
        c.distanceSmoothing,
        c.minSize);
  }

  /** The components while some of them are changed. */
  private final class Change {
    double centerDistanceThreshold = centerDistanceThreshold();
    double boundaryDistanceThreshold = boundaryDistanceThreshold();
    double foregroundThreshold = foregroundThreshold();
    double foregroundSmoothing = foregroundSmoothing();
    double distanceSmoothing = distanceSmoothing();
    long minSize = minSize();
  }
}
