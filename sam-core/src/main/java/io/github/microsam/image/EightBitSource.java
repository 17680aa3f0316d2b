package io.github.microsam.image;

/**
 * The first three channels of an image as values 0 to 255, converted while they are read.
 *
 * <p>Two kinds: stretched, micro-sam's {@code _to_image}, where each channel's smallest value
 * becomes 0 and its largest 255; and as they are, where values outside 0 to 255 are refused.
 */
abstract class EightBitSource implements ImageSource {
  private static final int MOST_CHANNELS = 3;

  final ImageSource image;

  private EightBitSource(ImageSource image) {
    this.image = image;
  }

  @Override
  public int width() {
    return image.width();
  }

  @Override
  public int height() {
    return image.height();
  }

  @Override
  public int channels() {
    return Math.min(MOST_CHANNELS, image.channels());
  }

  @Override
  public void readRow(int channel, int y, float[] row) {
    image.readRow(channel, y, row);
    convert(channel, y, row);
  }

  abstract void convert(int channel, int y, float[] row);

  /**
   * Stretches every channel to whole numbers 0 to 255, in the reference's float arithmetic and with
   * its truncation: the largest value of a channel whose range is below 2 becomes 254. Reads the
   * image once to find the ranges.
   */
  static EightBitSource minMax(ImageSource image) {
    int channels = Math.min(MOST_CHANNELS, image.channels());
    float[] least = new float[channels];
    float[] most = new float[channels];
    for (int c = 0; c < channels; c++) {
      least[c] = Float.POSITIVE_INFINITY;
      most[c] = Float.NEGATIVE_INFINITY;
    }
    RowBand.forEach(
        channels,
        image.height(),
        band -> {
          float[] row = new float[image.width()];
          float min = Float.POSITIVE_INFINITY;
          float max = Float.NEGATIVE_INFINITY;
          for (int y = band.from(); y < band.to(); y++) {
            image.readRow(band.channel(), y, row);
            refuseNotFinite(band.channel(), y, row, image.width());
            for (int x = 0; x < image.width(); x++) {
              min = Math.min(min, row[x]);
              max = Math.max(max, row[x]);
            }
          }
          synchronized (least) {
            least[band.channel()] = Math.min(least[band.channel()], min);
            most[band.channel()] = Math.max(most[band.channel()], max);
          }
        });
    return new EightBitSource(image) {
      @Override
      void convert(int channel, int y, float[] row) {
        float min = least[channel];
        float divisor = (most[channel] - min) + 1e-7f;
        int width = width();
        for (int x = 0; x < width; x++) {
          row[x] = (int) ((row[x] - min) / divisor * 255f);
        }
      }
    };
  }

  /** Values as they are; refuses those that no byte holds. */
  static EightBitSource wholeNumbers(ImageSource image) {
    return new EightBitSource(image) {
      @Override
      void convert(int channel, int y, float[] row) {
        int width = width();
        for (int x = 0; x < width; x++) {
          float v = row[x];
          if (!(v >= 0 && v <= 255 && v == (int) v)) {
            throw new ImageException(
                at(v, channel, x, y)
                    + ", expected whole numbers from 0 to 255: stretch the image to 8 bit"
                    + " (min-max).");
          }
        }
      }
    };
  }

  /** Values as they are, fractions included; refuses those below 0 and above 255. */
  static EightBitSource fractions(ImageSource image) {
    return new EightBitSource(image) {
      @Override
      void convert(int channel, int y, float[] row) {
        int width = width();
        for (int x = 0; x < width; x++) {
          if (!(row[x] >= 0 && row[x] <= 255)) {
            throw new ImageException(
                at(row[x], channel, x, y) + ", expected values from 0 to 255: scale the image.");
          }
        }
      }
    };
  }

  private static void refuseNotFinite(int channel, int y, float[] row, int width) {
    for (int x = 0; x < width; x++) {
      if (!(Math.abs(row[x]) <= Float.MAX_VALUE)) {
        throw new ImageException(
            at(row[x], channel, x, y)
                + ", expected finite values in the range of a float: replace it, by 0 for"
                + " instance.");
      }
    }
  }

  private static String at(float value, int channel, int x, int y) {
    return "The image has the value %s at x %d, y %d, channel %d".formatted(value, x, y, channel);
  }
}
