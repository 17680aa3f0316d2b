package io.github.microsam.segment;

/**
 * How objects are made from maps of foreground and boundaries.
 *
 * @param seedThreshold a seed is where the foreground exceeds the boundary by more
 * @param foregroundThreshold objects are where the foreground is above
 * @param minSize objects of fewer pixels are left out
 */
public record BoundaryOptions(double seedThreshold, double foregroundThreshold, long minSize) {
  /**
   * Checks the numbers.
   *
   * @param seedThreshold a number
   * @param foregroundThreshold a number
   * @param minSize 0 or more
   * @throws SegmentationException if one is out of range
   */
  public BoundaryOptions {
    Checks.number("seed threshold", seedThreshold);
    Checks.number("foreground threshold", foregroundThreshold);
    Checks.atLeast("smallest size", minSize, 0);
  }

  /**
   * Thresholds 0.5, objects of 50 pixels or more.
   *
   * @return the defaults of torch-em
   */
  public static BoundaryOptions defaults() {
    return new BoundaryOptions(0.5, 0.5, 50);
  }

  /**
   * With another smallest size.
   *
   * @param pixels objects of fewer are left out
   * @return a copy
   */
  public BoundaryOptions withMinSize(long pixels) {
    return new BoundaryOptions(seedThreshold, foregroundThreshold, pixels);
  }
}
