package io.github.microsam.train.data;

/**
 * How {@link ImageLabelDataset} reads.
 *
 * @param intensities how values become 0 to 255
 * @param minSize objects of fewer pixels do not count when planes without objects are looked for
 * @param separate whether pieces of an object count as objects of their own then, as {@link
 *     PatchOptions#separate} makes them
 * @param classes how many classes labels may name, from 0; 0 where they are ids of objects
 * @param cacheBytes how much memory planes that were read may take; others are read again
 */
public record DatasetOptions(
    Intensities intensities, int minSize, boolean separate, int classes, long cacheBytes) {
  private static final long LARGEST_CACHE = 1L << 30;

  /**
   * Intensities as in inference, objects of 25 pixels or more as in the reference, a quarter of the
   * heap but at most 1 GiB.
   *
   * @return the defaults
   */
  public static DatasetOptions defaults() {
    return new DatasetOptions(
        Intensities.MIN_MAX,
        25,
        false,
        0,
        Math.min(LARGEST_CACHE, Runtime.getRuntime().maxMemory() / 4));
  }

  /**
   * The same with other intensities.
   *
   * @param intensities how values become 0 to 255
   * @return new options
   */
  public DatasetOptions withIntensities(Intensities intensities) {
    return new DatasetOptions(intensities, minSize, separate, classes, cacheBytes);
  }

  /**
   * The same with another smallest object.
   *
   * @param minSize objects of fewer pixels do not count
   * @return new options
   */
  public DatasetOptions withMinSize(int minSize) {
    return new DatasetOptions(intensities, minSize, separate, classes, cacheBytes);
  }

  /**
   * The same for labels that are classes, or ids of objects that may have several pieces.
   *
   * @param separate whether pieces of an object count as objects of their own
   * @param classes how many classes labels may name; 0 where they are ids of objects
   * @return new options
   */
  public DatasetOptions withLabels(boolean separate, int classes) {
    return new DatasetOptions(intensities, minSize, separate, classes, cacheBytes);
  }

  /**
   * The same with another bound on memory.
   *
   * @param cacheBytes 0 to read every time
   * @return new options
   */
  public DatasetOptions withCacheBytes(long cacheBytes) {
    return new DatasetOptions(intensities, minSize, separate, classes, cacheBytes);
  }
}
