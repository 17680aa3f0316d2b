package io.github.microsam.io;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.Img;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;

/** How the pixels of an AWT image become channels of real numbers. */
enum Samples {
  /** The stored values are the channels; alpha is left out. */
  STORED,
  /** A palette of greys: one channel. */
  GREYS,
  /** A palette, or colours packed into integers: red, green and blue. */
  COLOURS;

  static Samples of(ColorModel model) {
    if (model instanceof IndexColorModel palette) {
      return isGrey(palette) ? GREYS : COLOURS;
    }
    return model instanceof ComponentColorModel ? STORED : COLOURS;
  }

  int channels(ColorModel model) {
    return switch (this) {
      case STORED -> model.hasAlpha() ? model.getNumColorComponents() : model.getNumComponents();
      case GREYS -> 1;
      case COLOURS -> 3;
    };
  }

  /** An image (x, y, channel) for the pixels of images of this kind. */
  Img<? extends RealType<?>> create(int type, boolean signed, long... size) {
    if (this != STORED) {
      return ArrayImgs.unsignedBytes(size);
    }
    return switch (type) {
      case DataBuffer.TYPE_BYTE -> ArrayImgs.unsignedBytes(size);
      case DataBuffer.TYPE_USHORT -> ArrayImgs.unsignedShorts(size);
      case DataBuffer.TYPE_SHORT -> ArrayImgs.shorts(size);
      case DataBuffer.TYPE_INT -> signed ? ArrayImgs.ints(size) : ArrayImgs.unsignedInts(size);
      case DataBuffer.TYPE_FLOAT -> ArrayImgs.floats(size);
      default -> ArrayImgs.doubles(size);
    };
  }

  /** Copies the channels of an image to channels {@code first} and following. */
  void copy(
      BufferedImage image,
      boolean signed,
      RandomAccessibleInterval<? extends RealType<?>> to,
      int first) {
    int width = image.getWidth();
    int channels = channels(image.getColorModel());
    double[] row = new double[width];
    RandomAccess<? extends RealType<?>> access = to.randomAccess();
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < image.getHeight(); y++) {
        read(image, c, y, signed, row);
        access.setPosition(y, 1);
        access.setPosition(first + c, 2);
        for (int x = 0; x < width; x++) {
          access.setPosition(x, 0);
          access.get().setReal(row[x]);
        }
      }
    }
  }

  private void read(BufferedImage image, int channel, int y, boolean signed, double[] row) {
    Raster raster = image.getRaster();
    int width = row.length;
    if (this == STORED) {
      raster.getSamples(0, y, width, 1, channel, row);
      if (!signed && raster.getTransferType() == DataBuffer.TYPE_INT) {
        for (int x = 0; x < width; x++) {
          row[x] += row[x] < 0 ? 0x1p32 : 0;
        }
      }
      return;
    }
    int[] colours = image.getRGB(0, y, width, 1, null, 0, width);
    int shift = 16 - 8 * channel;
    for (int x = 0; x < width; x++) {
      row[x] = (colours[x] >> shift) & 0xff;
    }
  }

  private static boolean isGrey(IndexColorModel palette) {
    for (int i = 0; i < palette.getMapSize(); i++) {
      int rgb = palette.getRGB(i);
      if ((rgb & 0xff) != (rgb >> 8 & 0xff) || (rgb & 0xff) != (rgb >> 16 & 0xff)) {
        return false;
      }
    }
    return true;
  }
}
