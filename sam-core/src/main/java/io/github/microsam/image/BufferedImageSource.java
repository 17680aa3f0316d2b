package io.github.microsam.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;

/** Rows of an AWT image. */
final class BufferedImageSource implements ImageSource {
  private final BufferedImage image;
  private final boolean stored;

  BufferedImageSource(BufferedImage image) {
    this.image = image;
    ColorModel colours = image.getColorModel();
    // Conversion to sRGB would bend grey values; palettes and packed pixels have no values to
    // store.
    int components = colours.getNumColorComponents();
    stored = colours instanceof ComponentColorModel && (components == 1 || components == 3);
  }

  @Override
  public int width() {
    return image.getWidth();
  }

  @Override
  public int height() {
    return image.getHeight();
  }

  @Override
  public int channels() {
    return stored ? image.getColorModel().getNumColorComponents() : 3;
  }

  @Override
  public void readRow(int channel, int y, float[] row) {
    int width = width();
    if (stored) {
      image.getRaster().getSamples(0, y, width, 1, channel, row);
      return;
    }
    int[] colours = image.getRGB(0, y, width, 1, null, 0, width);
    int shift = 16 - 8 * channel;
    for (int x = 0; x < width; x++) {
      row[x] = (colours[x] >> shift) & 0xff;
    }
  }
}
