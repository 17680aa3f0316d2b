package io.github.microsam.train.data;

/**
 * A patch of an image with its labels and, where a decoder for automatic segmentation is trained,
 * its targets. The arrays are not copied; whoever gets a sample leaves them alone.
 */
public final class Sample {
  private final int width;
  private final int height;
  private final float[] image;
  private final int[] labels;
  private final float[] targets;

  /**
   * A sample.
   *
   * @param width of the patch in pixels
   * @param height of the patch in pixels
   * @param image shape [3, height, width], values from 0 to 255
   * @param labels shape [height, width]: ids of objects, 0 for background; each object of one piece
   *     and no smaller than the smallest that is to be trained; classes where the training is
   *     semantic
   * @param targets shape [channels, height, width], such as foreground, centre distance and
   *     boundary distance of each object; without elements if there are none
   * @throws IllegalArgumentException if an array has another number of elements
   */
  public Sample(int width, int height, float[] image, int[] labels, float[] targets) {
    int pixels = Math.multiplyExact(width, height);
    if (pixels < 1
        || image.length != 3L * pixels
        || labels.length != pixels
        || targets.length % pixels != 0) {
      throw new IllegalArgumentException(
          "A sample of %d x %d pixels has %d values of an image, %d labels and %d targets"
              .formatted(width, height, image.length, labels.length, targets.length));
    }
    this.width = width;
    this.height = height;
    this.image = image;
    this.labels = labels;
    this.targets = targets;
  }

  /**
   * Width of the patch.
   *
   * @return pixels
   */
  public int width() {
    return width;
  }

  /**
   * Height of the patch.
   *
   * @return pixels
   */
  public int height() {
    return height;
  }

  /**
   * The image.
   *
   * @return shape [3, height, width], values from 0 to 255; the array itself
   */
  public float[] image() {
    return image;
  }

  /**
   * The ids of the objects.
   *
   * @return shape [height, width], 0 for background; the array itself
   */
  public int[] labels() {
    return labels;
  }

  /**
   * Targets of a decoder for automatic segmentation.
   *
   * @return shape [channels, height, width]; the array itself, empty if there are none
   */
  public float[] targets() {
    return targets;
  }
}
