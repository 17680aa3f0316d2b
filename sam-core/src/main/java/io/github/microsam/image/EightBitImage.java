package io.github.microsam.image;

/**
 * An image of bytes in memory. Immutable as long as nobody writes to {@link #pixels()}, which are
 * not copied; may then be shared by threads.
 */
public final class EightBitImage implements ImageSource {
  private final int width;
  private final int height;
  private final int channels;
  private final byte[] pixels;

  /**
   * An image of given bytes.
   *
   * @param width width in pixels, at least 1
   * @param height height in pixels, at least 1
   * @param channels 1 to 3
   * @param pixels unsigned bytes of shape [channels, height, width]; not copied
   * @throws IllegalArgumentException if their number does not fit the sizes
   */
  public EightBitImage(int width, int height, int channels, byte[] pixels) {
    if (width < 1
        || height < 1
        || channels < 1
        || channels > 3
        || pixels.length != (long) width * height * channels) {
      throw new IllegalArgumentException(
          "%d bytes for %d channels of %d x %d pixels"
              .formatted(pixels.length, channels, width, height));
    }
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.pixels = pixels;
  }

  /**
   * Converts an image as micro-sam's {@code _to_image} does: of every channel on its own, of the
   * first three, the smallest value becomes 0 and the largest 255, with float arithmetic and
   * truncation (so that the largest value of a channel whose range is below 2 becomes 254). A
   * constant channel becomes 0.
   *
   * @param image of any real type
   * @return an image of the same size with at most three channels
   * @throws ImageException if a value is NaN or infinite, or the bytes do not fit an array
   */
  public static EightBitImage minMax(ImageSource image) {
    return copy(EightBitSource.minMax(image));
  }

  /**
   * Copies an image whose values are bytes already.
   *
   * @param image of any type, with whole numbers from 0 to 255
   * @return an image of the same size with at most three channels
   * @throws ImageException if a value is not a whole number from 0 to 255, or the bytes do not fit
   *     an array
   */
  public static EightBitImage of(ImageSource image) {
    return copy(EightBitSource.wholeNumbers(image));
  }

  private static EightBitImage copy(ImageSource image) {
    int width = image.width();
    int height = image.height();
    int channels = image.channels();
    long count = (long) width * height * channels;
    if (count > Integer.MAX_VALUE - 8) {
      throw new ImageException(
          "%d channels of %d x %d pixels do not fit into one array: take a part of the image."
              .formatted(channels, width, height));
    }
    byte[] pixels = new byte[(int) count];
    RowBand.forEach(
        channels,
        height,
        band -> {
          float[] row = new float[width];
          for (int y = band.from(); y < band.to(); y++) {
            image.readRow(band.channel(), y, row);
            int offset = (band.channel() * height + y) * width;
            for (int x = 0; x < width; x++) {
              pixels[offset + x] = (byte) (int) row[x];
            }
          }
        });
    return new EightBitImage(width, height, channels, pixels);
  }

  /**
   * Resizes with Pillow's antialiased bilinear filter, bit for bit.
   *
   * @param newWidth width in pixels
   * @param newHeight height in pixels
   * @return the resized image
   */
  public EightBitImage resize(int newWidth, int newHeight) {
    float[] values = AntialiasedBilinear.EIGHT_BIT.resize(this, newWidth, newHeight);
    byte[] resized = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      resized[i] = (byte) (int) values[i];
    }
    return new EightBitImage(newWidth, newHeight, channels, resized);
  }

  /**
   * The image with three channels: one channel is repeated, two get a third of zeros.
   *
   * @return this image if it has three channels, else a new one
   */
  public EightBitImage rgb() {
    if (channels == 3) {
      return this;
    }
    int plane = width * height;
    byte[] three = new byte[Math.multiplyExact(3, plane)];
    System.arraycopy(pixels, 0, three, 0, pixels.length);
    if (channels == 1) {
      System.arraycopy(pixels, 0, three, plane, plane);
      System.arraycopy(pixels, 0, three, 2 * plane, plane);
    }
    return new EightBitImage(width, height, 3, three);
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int channels() {
    return channels;
  }

  /**
   * The bytes.
   *
   * @return unsigned, shape [channels, height, width]; the array itself, leave it alone
   */
  public byte[] pixels() {
    return pixels;
  }

  @Override
  public void readRow(int channel, int y, float[] row) {
    int offset = (channel * height + y) * width;
    for (int x = 0; x < width; x++) {
      row[x] = pixels[offset + x] & 0xff;
    }
  }
}
