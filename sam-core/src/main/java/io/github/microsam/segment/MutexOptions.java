package io.github.microsam.segment;

/**
 * How objects are made from affinities.
 *
 * @param foregroundThreshold objects are where the foreground is not below
 * @param stride of the pairs of distant pixels those are used whose first pixel has coordinates
 *     that are multiples of this; 1 for all. torch-em draws one in stride² at random.
 * @param minSize objects of fewer pixels are given to their neighbours
 */
public record MutexOptions(double foregroundThreshold, int stride, long minSize) {
  /**
   * Checks the numbers.
   *
   * @param foregroundThreshold a number
   * @param stride at least 1
   * @param minSize 0 or more
   * @throws SegmentationException if one is out of range
   */
  public MutexOptions {
    Checks.number("foreground threshold", foregroundThreshold);
    Checks.atLeast("stride", stride, 1);
    Checks.atLeast("smallest size", minSize, 0);
  }

  /**
   * Foreground from 0.5 on, stride 2, objects of 50 pixels or more.
   *
   * @return the defaults of torch-em
   */
  public static MutexOptions defaults() {
    return new MutexOptions(0.5, 2, 50);
  }

  /**
   * With another stride.
   *
   * @param pixels 1 for all pairs
   * @return a copy
   */
  public MutexOptions withStride(int pixels) {
    return new MutexOptions(foregroundThreshold, pixels, minSize);
  }

  /**
   * With another smallest size.
   *
   * @param pixels objects of fewer are given to their neighbours
   * @return a copy
   */
  public MutexOptions withMinSize(long pixels) {
    return new MutexOptions(foregroundThreshold, stride, pixels);
  }
}
