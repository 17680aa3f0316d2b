package io.github.microsam.image;

/**
 * What an image encoder takes in. The pixels are not copied in or out: leave them alone. May be
 * shared by threads.
 *
 * @param pixels normalised, zero in the padding to the right and below; shape [3, imageSize,
 *     imageSize]
 * @param imageSize side of the model's input in pixels
 * @param transform from coordinates of the image to those of the input; knows both sizes
 */
public record PreparedImage(float[] pixels, int imageSize, CoordinateTransform transform) {

  /**
   * Checks the number of pixels.
   *
   * @param pixels as many as the size says
   * @param imageSize at least 1
   * @param transform from the image to the input
   * @throws IllegalArgumentException if it does not fit the size
   */
  public PreparedImage {
    if (pixels.length != 3L * imageSize * imageSize) {
      throw new IllegalArgumentException(
          "%d values for 3 x %d x %d pixels".formatted(pixels.length, imageSize, imageSize));
    }
  }
}
