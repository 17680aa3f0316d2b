package io.github.microsam.label;

/**
 * How {@link MaskMerging} makes a label image of masks.
 *
 * @param minSize masks, and then objects, of fewer pixels are left out
 * @param maxSize masks of more pixels are left out
 * @param separate whether an object in several pieces (4 or 6 neighbours) becomes several objects
 * @param dropLargest whether the largest region is removed, because in automatic mask generation it
 *     often covers the background (the reference calls this {@code with_background}). Background is
 *     a region like the others, so where it is the largest nothing is removed: published results
 *     were made with that.
 * @param exclusively whether a mask is painted on background only, so that larger masks win;
 *     otherwise smaller masks are painted over larger ones
 */
public record MaskMergingOptions(
    long minSize, long maxSize, boolean separate, boolean dropLargest, boolean exclusively) {

  /**
   * The defaults of the reference: all sizes, separated objects, larger masks win.
   *
   * @return the defaults
   */
  public static MaskMergingOptions defaults() {
    return new MaskMergingOptions(0, Long.MAX_VALUE, true, false, true);
  }

  /**
   * The same with another smallest size.
   *
   * @param minSize masks, and then objects, of fewer pixels are left out
   * @return new options
   */
  public MaskMergingOptions withMinSize(long minSize) {
    return new MaskMergingOptions(minSize, maxSize, separate, dropLargest, exclusively);
  }

  /**
   * The same with another largest size.
   *
   * @param maxSize masks of more pixels are left out
   * @return new options
   */
  public MaskMergingOptions withMaxSize(long maxSize) {
    return new MaskMergingOptions(minSize, maxSize, separate, dropLargest, exclusively);
  }

  /**
   * The same with or without separation of pieces.
   *
   * @param separate whether an object in several pieces becomes several objects
   * @return new options
   */
  public MaskMergingOptions withSeparate(boolean separate) {
    return new MaskMergingOptions(minSize, maxSize, separate, dropLargest, exclusively);
  }

  /**
   * The same with or without the largest region.
   *
   * @param dropLargest whether the largest region, background among them, is removed
   * @return new options
   */
  public MaskMergingOptions withDropLargest(boolean dropLargest) {
    return new MaskMergingOptions(minSize, maxSize, separate, dropLargest, exclusively);
  }

  /**
   * The same with another order of painting.
   *
   * @param exclusively whether masks are painted on background only
   * @return new options
   */
  public MaskMergingOptions withExclusively(boolean exclusively) {
    return new MaskMergingOptions(minSize, maxSize, separate, dropLargest, exclusively);
  }
}
