package io.github.microsam.image;

/**
 * Coordinates of an image and of the model's input, into which the image was resized. Each axis has
 * its own factor, the ratio of the sizes in whole pixels ({@code ResizeLongestSide.apply_coords} of
 * Segment Anything). Coordinates of both sides count pixels, a pixel's centre at whole numbers; the
 * half pixel that the network wants is added in its prompt encoder.
 *
 * @param originalWidth width of the image in pixels
 * @param originalHeight height of the image in pixels
 * @param inputWidth width of the resized image in pixels, without padding
 * @param inputHeight height of the resized image in pixels, without padding
 */
public record CoordinateTransform(
    int originalWidth, int originalHeight, int inputWidth, int inputHeight) {

  /**
   * Checks the sizes.
   *
   * @param originalWidth at least 1
   * @param originalHeight at least 1
   * @param inputWidth at least 1
   * @param inputHeight at least 1
   * @throws IllegalArgumentException if a size is below 1
   */
  public CoordinateTransform {
    if (originalWidth < 1 || originalHeight < 1 || inputWidth < 1 || inputHeight < 1) {
      throw new IllegalArgumentException(
          "Sizes must be at least 1: image %d x %d, input %d x %d"
              .formatted(originalWidth, originalHeight, inputWidth, inputHeight));
    }
  }

  /**
   * The transform that makes the longer side of an image as long as the model's input. The other
   * side is rounded, half up, and is at least one pixel (the reference fails where it rounds to 0).
   *
   * @param width width of the image in pixels
   * @param height height of the image in pixels
   * @param imageSize side of the model's input in pixels, 1024 for published models
   * @return the transform
   */
  public static CoordinateTransform longestSide(int width, int height, int imageSize) {
    double scale = imageSize * 1.0 / Math.max(width, height);
    return new CoordinateTransform(width, height, resized(width * scale), resized(height * scale));
  }

  /**
   * The transform that leaves images as they are, and makes those that are larger than the model's
   * input as large as it.
   *
   * @param width width of the image in pixels
   * @param height height of the image in pixels
   * @param imageSize side of the model's input in pixels
   * @return the transform
   */
  public static CoordinateTransform nativeResolution(int width, int height, int imageSize) {
    return Math.max(width, height) <= imageSize
        ? new CoordinateTransform(width, height, width, height)
        : longestSide(width, height, imageSize);
  }

  private static int resized(double side) {
    return Math.max(1, (int) (side + 0.5));
  }

  /**
   * From the image to the input.
   *
   * @param x in the image
   * @return x in the input, computed in double and rounded to float as NumPy does
   */
  public float toInputX(double x) {
    return (float) (x * ((double) inputWidth / originalWidth));
  }

  /**
   * From the image to the input.
   *
   * @param y in the image
   * @return y in the input, computed in double and rounded to float as NumPy does
   */
  public float toInputY(double y) {
    return (float) (y * ((double) inputHeight / originalHeight));
  }

  /**
   * From the input to the image.
   *
   * @param x in the input
   * @return x in the image
   */
  public double toOriginalX(double x) {
    return x * ((double) originalWidth / inputWidth);
  }

  /**
   * From the input to the image.
   *
   * @param y in the input
   * @return y in the image
   */
  public double toOriginalY(double y) {
    return y * ((double) originalHeight / inputHeight);
  }
}
