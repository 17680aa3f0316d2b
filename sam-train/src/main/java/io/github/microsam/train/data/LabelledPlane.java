package io.github.microsam.train.data;

import io.github.microsam.image.EightBitImage;

/**
 * A two-dimensional image with the label of every pixel. Immutable as long as nobody writes to the
 * arrays, which are not copied; may then be shared by threads.
 */
public final class LabelledPlane {
  private final EightBitImage image;
  private final int[] labels;

  /**
   * A plane.
   *
   * @param image one to three channels
   * @param labels shape [height, width]: ids of objects, 0 for background
   * @throws IllegalArgumentException if there is not one label a pixel
   */
  public LabelledPlane(EightBitImage image, int[] labels) {
    if (labels.length != (long) image.width() * image.height()) {
      throw new IllegalArgumentException(
          "%d labels for an image of %d x %d pixels"
              .formatted(labels.length, image.width(), image.height()));
    }
    this.image = image;
    this.labels = labels;
  }

  /**
   * The image.
   *
   * @return one to three channels
   */
  public EightBitImage image() {
    return image;
  }

  /**
   * The labels.
   *
   * @return shape [height, width]; the array itself, leave it alone
   */
  public int[] labels() {
    return labels;
  }

  /**
   * Width of image and labels.
   *
   * @return pixels
   */
  public int width() {
    return image.width();
  }

  /**
   * Height of image and labels.
   *
   * @return pixels
   */
  public int height() {
    return image.height();
  }
}
