package io.github.microsam.train.data;

/**
 * How {@link ImageLabelDataset} reads.
 *
 * @param intensities how values become 0 to 255
 * @param minSize objects of fewer pixels do not count when planes without objects are looked for
 * @param cacheBytes how much memory planes that were read may take; others are read again
 */
public record DatasetOptions(Intensities intensities, int minSize, long cacheBytes) {
  private static final long LARGEST_CACHE = 1L << 30;

  /**
   * Intensities as in inference, objects of 25 pixels or more as in the reference, a quarter of the
   * heap but at most 1 GiB.
   *
   * @return the defaults
   */
  public static DatasetOptions defaults() {
    return new DatasetOptions(
        Intensities.MIN_MAX, 25, Math.min(LARGEST_CACHE, Runtime.getRuntime().maxMemory() / 4));
  }

  /**
   * The same with other intensities.
   *
   * @param intensities how values become 0 to 255
   * @return new options
   */
  public DatasetOptions withIntensities(Intensities intensities) {
    return new DatasetOptions(intensities, minSize, cacheBytes);
  }

  /**
   * The same with another smallest object.
   *
   * @param minSize objects of fewer pixels do not count
   * @return new options
   */
  public DatasetOptions withMinSize(int minSize) {
    return new DatasetOptions(intensities, minSize, cacheBytes);
  }

  /**
   * The same with another bound on memory.
   *
   * @param cacheBytes 0 to read every time
   * @return new options
   */
  public DatasetOptions withCacheBytes(long cacheBytes) {
    return new DatasetOptions(intensities, minSize, cacheBytes);
  }
}
