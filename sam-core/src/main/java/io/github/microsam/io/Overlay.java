package io.github.microsam.io;

import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.parallel.Parallelization;
import net.imglib2.type.numeric.IntegerType;

/**
 * Pictures of an image with the outlines of its objects, each in a colour of its own. Images of
 * bytes with three channels are shown as they are; of others every channel is stretched between its
 * 0.2nd and 99.8th percentile. Colours are darker on bright images.
 *
 * <p>Immutable, may be shared by threads.
 *
 * @param outlineWidth width of the outlines in pixels, inside the object; 0 for none
 * @param fill share of the object's colour inside it, 0 to 1
 */
public record Overlay(int outlineWidth, double fill) {
  private static final double LOWER = 0.002;
  private static final double UPPER = 0.998;
  private static final int MOST_SAMPLED = 1 << 20;

  /**
   * Checks the settings.
   *
   * @param outlineWidth at least 0
   * @param fill 0 to 1
   * @throws IllegalArgumentException if one is out of range
   */
  public Overlay {
    if (outlineWidth < 0 || !(fill >= 0 && fill <= 1)) {
      throw new IllegalArgumentException("outline width " + outlineWidth + ", fill " + fill);
    }
  }

  /**
   * Outlines that can be seen when the picture fills a screen, and a light fill.
   *
   * @param width width of the image in pixels
   * @param height height of the image in pixels
   * @return outlines of one pixel for each begun 800 of the longer side
   */
  public static Overlay defaults(int width, int height) {
    return new Overlay((Math.max(width, height) - 1) / 800 + 1, 0.15);
  }

  /**
   * Draws the picture.
   *
   * @param image with one to three channels, of more the first three are shown
   * @param labels (x, y), of the same size; 0 is background
   * @return the picture, at the size of the image
   * @throws ImageException if the sizes differ
   */
  public BufferedImage draw(
      ImageSource image, RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    int width = image.width();
    int height = image.height();
    if (labels.numDimensions() != 2
        || labels.dimension(0) != width
        || labels.dimension(1) != height) {
      throw new ImageException(
          "The labels have the size %s, expected that of the image: %d x %d"
              .formatted(Arrays.toString(labels.dimensionsAsLongArray()), width, height));
    }
    Display display = Display.of(image);
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Parallelization.getTaskExecutor()
        .forEach(
            IntStream.range(0, height).boxed().toList(), y -> drawRow(display, labels, y, picture));
    return picture;
  }

  /**
   * Draws the picture and writes it as PNG; a file that exists is replaced.
   *
   * @param path where to; folders that are missing are made
   * @param image with one to three channels, of more the first three are shown
   * @param labels (x, y), of the same size; 0 is background
   * @throws ImageException if the sizes differ
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public void write(
      Path path, ImageSource image, RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    BufferedImage picture = draw(image, labels);
    WholeFile.write(
        path,
        temporary -> {
          if (!ImageIO.write(picture, "png", temporary.toFile())) {
            throw new IOException("no writer for PNG");
          }
        });
  }

  private void drawRow(
      Display display,
      RandomAccessibleInterval<? extends IntegerType<?>> labels,
      int y,
      BufferedImage picture) {
    int width = picture.getWidth();
    int[] colours = display.row(y);
    LabelRows rows = new LabelRows(labels);
    for (int x = 0; x < width; x++) {
      long label = rows.at(x, y);
      if (label != 0) {
        double share = rows.isOutline(x, y, label, outlineWidth) ? 1 : fill;
        int colour = display.bright ? LabelColours.onBright(label) : LabelColours.of(label);
        colours[x] = mix(colours[x], colour, share);
      }
    }
    picture.setRGB(0, y, width, 1, colours, 0, width);
  }

  private static int mix(int below, int above, double share) {
    int mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int b = below >> shift & 0xff;
      int a = above >> shift & 0xff;
      mixed |= (int) Math.round(b + (a - b) * share) << shift;
    }
    return mixed;
  }

  /** Labels by position, on one thread. */
  private static final class LabelRows {
    private final RandomAccessibleInterval<? extends IntegerType<?>> labels;
    private final RandomAccess<? extends IntegerType<?>> access;

    LabelRows(RandomAccessibleInterval<? extends IntegerType<?>> labels) {
      this.labels = labels;
      this.access = labels.randomAccess();
    }

    long at(long x, long y) {
      access.setPosition(labels.min(0) + x, 0);
      access.setPosition(labels.min(1) + y, 1);
      return access.get().getIntegerLong();
    }

    /** Whether another label is at most {@code width} pixels away; the image's border is none. */
    boolean isOutline(long x, long y, long label, int width) {
      for (int d = 1; d <= width; d++) {
        if (isOther(x - d, y, label)
            || isOther(x + d, y, label)
            || isOther(x, y - d, label)
            || isOther(x, y + d, label)) {
          return true;
        }
      }
      return false;
    }

    private boolean isOther(long x, long y, long label) {
      return x >= 0
          && y >= 0
          && x < labels.dimension(0)
          && y < labels.dimension(1)
          && at(x, y) != label;
    }
  }

  /** The image as colours for a screen. */
  private static final class Display {
    private final ImageSource image;
    private final float[] low;
    private final float[] high;

    /** Whether most of the picture is nearer to white than to black. */
    final boolean bright;

    private Display(ImageSource image, float[] low, float[] high, float[] median) {
      this.image = image;
      this.low = low;
      this.high = high;
      int colour = 0;
      for (int c = 0; c < low.length; c++) {
        colour += shown(c, median[c]) * place(c);
      }
      bright = LabelColours.luminance(colour) > 127;
    }

    static Display of(ImageSource image) {
      int channels = Math.min(3, image.channels());
      float[] low = new float[channels];
      float[] high = new float[channels];
      float[] median = new float[channels];
      boolean bytes = channels == 3;
      for (int c = 0; c < channels; c++) {
        float[] sorted = sample(image, c);
        Arrays.sort(sorted);
        low[c] = sorted[(int) (LOWER * (sorted.length - 1))];
        high[c] = sorted[(int) Math.ceil(UPPER * (sorted.length - 1))];
        median[c] = sorted[sorted.length / 2];
        bytes &= sorted[0] >= 0 && sorted[sorted.length - 1] <= 255 && high[c] > 1;
      }
      if (bytes) {
        Arrays.fill(low, 0);
        Arrays.fill(high, 255);
      }
      return new Display(image, low, high, median);
    }

    private static float[] sample(ImageSource image, int channel) {
      long pixels = (long) image.width() * image.height();
      int step = (int) Math.max(1, Math.ceil(Math.sqrt((double) pixels / MOST_SAMPLED)));
      int columns = (image.width() - 1) / step + 1;
      float[] values = new float[((image.height() - 1) / step + 1) * columns];
      float[] row = new float[image.width()];
      for (int y = 0; y < image.height(); y += step) {
        image.readRow(channel, y, row);
        for (int i = 0; i < columns; i++) {
          values[y / step * columns + i] = row[i * step];
        }
      }
      return values;
    }

    int[] row(int y) {
      float[] values = new float[image.width()];
      int[] colours = new int[image.width()];
      for (int c = 0; c < low.length; c++) {
        image.readRow(c, y, values);
        for (int x = 0; x < colours.length; x++) {
          colours[x] += shown(c, values[x]) * place(c);
        }
      }
      return colours;
    }

    /** A value as a brightness from 0 to 255. */
    private int shown(int channel, float value) {
      float range = Math.max(high[channel] - low[channel], Float.MIN_NORMAL);
      float v = (value - low[channel]) / range * 255;
      return Math.round(Math.max(0, Math.min(255, v)));
    }

    /** Where a channel is in a colour; one alone is grey. */
    private int place(int channel) {
      return low.length == 1 ? 0x010101 : 0x010000 >> (8 * channel);
    }
  }
}
