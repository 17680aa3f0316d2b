package io.github.microsam.image;

/**
 * What an image encoder takes in. Immutable as long as nobody writes to {@link #pixels()}, which
 * are not copied; may then be shared by threads.
 */
public final class PreparedImage {
  private final float[] pixels;
  private final int imageSize;
  private final CoordinateTransform transform;

  /**
   * An image that is prepared already.
   *
   * @param pixels normalised, zero in the padding to the right and below; shape [3, imageSize,
   *     imageSize]; not copied
   * @param imageSize side of the model's input in pixels
   * @param transform from coordinates of the image to those of the input
   * @throws IllegalArgumentException if the number of pixels does not fit the size
   */
  public PreparedImage(float[] pixels, int imageSize, CoordinateTransform transform) {
    if (pixels.length != 3L * imageSize * imageSize) {
      throw new IllegalArgumentException(
          "%d values for 3 x %d x %d pixels".formatted(pixels.length, imageSize, imageSize));
    }
    this.pixels = pixels;
    this.imageSize = imageSize;
    this.transform = transform;
  }

  /**
   * The encoder's input.
   *
   * @return normalised, zero in the padding to the right and below; shape [3, imageSize,
   *     imageSize]; the array itself, leave it alone
   */
  public float[] pixels() {
    return pixels;
  }

  /**
   * Side of the model's input.
   *
   * @return pixels, 1024 for published models
   */
  public int imageSize() {
    return imageSize;
  }

  /**
   * From coordinates of the image to those of the input; knows the size of the image and of its
   * part of the input.
   *
   * @return the transform
   */
  public CoordinateTransform transform() {
    return transform;
  }
}
