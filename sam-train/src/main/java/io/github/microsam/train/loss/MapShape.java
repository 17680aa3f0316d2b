package io.github.microsam.train.loss;

/**
 * Shape of maps in an array: [batch, channels, pixels] in C order.
 *
 * @param batch images
 * @param channels maps of each image
 * @param pixels of each map
 */
public record MapShape(int batch, int channels, int pixels) {

  /**
   * Number of elements.
   *
   * @return batch times channels times pixels
   */
  public int length() {
    return Math.multiplyExact(batch, Math.multiplyExact(channels, pixels));
  }

  /**
   * Where a map begins.
   *
   * @param image which image
   * @param channel which of its maps
   * @return index of its first element
   */
  public int start(int image, int channel) {
    return (image * channels + channel) * pixels;
  }

  void check(float[]... arrays) {
    for (float[] array : arrays) {
      if (array.length != length()) {
        throw new IllegalArgumentException(
            "an array of %d elements, expected %d for %s".formatted(array.length, length(), this));
      }
    }
  }
}
