package io.github.microsam.train.data;

/**
 * Which patches are cut out of images.
 *
 * @param width of a patch in pixels
 * @param height of a patch in pixels
 * @param minSize objects, and parts of objects that a cut leaves, of fewer pixels become background
 * @param minObjects how many objects a patch must have; where chance finds none such, it is taken
 *     around an object
 * @param separate whether pieces of an object become objects of their own; not so where labels are
 *     classes
 */
public record PatchOptions(int width, int height, int minSize, int minObjects, boolean separate) {
  /**
   * Checks the sizes.
   *
   * @param width at least 1
   * @param height at least 1
   * @param minSize 0 or more
   * @param minObjects 0 or more
   * @param separate whether pieces become objects
   * @throws IllegalArgumentException if a size is too small
   */
  public PatchOptions {
    if (width < 1 || height < 1 || minSize < 0 || minObjects < 0) {
      throw new IllegalArgumentException(
          "patches of %d x %d pixels with %d objects of %d pixels; expected sizes of 1 or more and numbers of 0 or more"
              .formatted(width, height, minObjects, minSize));
    }
  }

  /**
   * Square patches that hold an object of 25 pixels or more, as the reference has them.
   *
   * @param side in pixels, 512 in the reference
   * @return the options
   */
  public static PatchOptions square(int side) {
    return new PatchOptions(side, side, 25, 1, true);
  }

  /**
   * The same with another smallest object.
   *
   * @param minSize objects of fewer pixels become background
   * @return new options
   */
  public PatchOptions withMinSize(int minSize) {
    return new PatchOptions(width, height, minSize, minObjects, separate);
  }

  /**
   * The same with another number of objects.
   *
   * @param minObjects how many objects a patch must have
   * @return new options
   */
  public PatchOptions withMinObjects(int minObjects) {
    return new PatchOptions(width, height, minSize, minObjects, separate);
  }

  /**
   * The same with or without separation of pieces.
   *
   * @param separate whether pieces of an object become objects of their own
   * @return new options
   */
  public PatchOptions withSeparate(boolean separate) {
    return new PatchOptions(width, height, minSize, minObjects, separate);
  }
}
