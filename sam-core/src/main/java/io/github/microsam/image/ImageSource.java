package io.github.microsam.image;

import java.awt.image.BufferedImage;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.ARGBType;
import net.imglib2.type.numeric.RealType;

/**
 * A two-dimensional image of one or more channels that can be read row by row.
 *
 * <pre>{@code
 * Img<UnsignedShortType> image = ArrayImgs.unsignedShorts(512, 512);   // (x, y) or (x, y, channel)
 * PreparedImage prepared = ImagePreparation.minMax(1024).prepare(ImageSource.of(image));
 * }</pre>
 *
 * <p>Rows are numbered from 0 and counted from the interval's minimum. Implementations must let
 * several threads read at once. One's own implementation can read rows straight from a file or a
 * server of tiles; what is read is never kept, and every row of a channel is read about twice.
 */
public interface ImageSource {
  /**
   * Width of the image.
   *
   * @return pixels in a row, at least 1
   */
  int width();

  /**
   * Height of the image.
   *
   * @return number of rows, at least 1
   */
  int height();

  /**
   * Number of channels.
   *
   * @return 1 for grey, 3 for red, green and blue; any number from 1
   */
  int channels();

  /**
   * Reads one row of one channel. May be called by several threads at once.
   *
   * @param channel which channel, from 0
   * @param y which row, from 0
   * @param row receives the values in its first {@link #width()} elements
   */
  void readRow(int channel, int y, float[] row);

  /**
   * A rectangle of the image, for instance a tile. Nothing is copied. Images whose parts can be
   * read alone should override this: here whole rows are read and cut.
   *
   * @param region inside the image
   * @return a view of these pixels
   * @throws IndexOutOfBoundsException if the rectangle is empty or reaches beyond the image
   */
  default ImageSource part(Tiling.Region region) {
    Sides.checkPart(region, width(), height());
    return PartSource.of(this, region);
  }

  /**
   * A view of an image of real numbers: 8, 16, 32 or 64 bit integers, float, double. Two axes are
   * (x, y), grey; a third axis is the channels. Where the channels are another axis move it with
   * {@code Views.moveAxis(image, axis, 2)}; from a stack or a time series take one plane with
   * {@code Views.hyperSlice}, and look at a part with {@code Views.interval}. Nothing is copied.
   *
   * @param image (x, y) or (x, y, channel), with any minimum; must allow several random accesses at
   *     once, as ImgLib2's images do
   * @return the view
   * @throws ImageException if the image has another number of axes, no pixel, or a side of more
   *     than 2,147,483,647 pixels
   */
  static ImageSource of(RandomAccessibleInterval<? extends RealType<?>> image) {
    return new RealSource(image);
  }

  /**
   * A view of an image of packed colours, as red, green and blue; alpha is left out. Nothing is
   * copied.
   *
   * @param image (x, y), with any minimum
   * @return the view, three channels with values 0 to 255
   * @throws ImageException if the image has another number of axes, no pixel, or a side of more
   *     than 2,147,483,647 pixels
   */
  static ImageSource ofArgb(RandomAccessibleInterval<ARGBType> image) {
    return new ArgbSource(image);
  }

  /**
   * A view of an AWT image. Grey images of 8 or 16 bits have one channel with the stored values;
   * colour images have three, alpha is left out. Nothing is copied; the image must not be written
   * to while it is read.
   *
   * @param image of any type
   * @return the view
   */
  static ImageSource of(BufferedImage image) {
    return new BufferedImageSource(image);
  }
}
