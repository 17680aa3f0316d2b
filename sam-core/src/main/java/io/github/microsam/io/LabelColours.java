package io.github.microsam.io;

import java.awt.Color;

/** Distinct colours for labels: hues a golden angle apart, so that near numbers look far apart. */
final class LabelColours {
  private static final double GOLDEN = 0.6180339887498949;
  private static final float[] SATURATION = {1f, 0.75f, 0.9f};
  private static final float[] BRIGHTNESS = {1f, 1f, 0.85f};

  /** Pure blue has 29 of 255 and cannot be seen on the dark background of fluorescence. */
  private static final double LEAST_LUMINANCE = 100;

  private LabelColours() {}

  /** Red, green and blue in the low 24 bits, for a label above 0; always the same one. */
  static int of(long label) {
    double hue = label * GOLDEN;
    int shade = (int) (label % SATURATION.length);
    return lightened(
        Color.HSBtoRGB((float) (hue - Math.floor(hue)), SATURATION[shade], BRIGHTNESS[shade]));
  }

  private static int lightened(int rgb) {
    int r = rgb >> 16 & 0xff;
    int g = rgb >> 8 & 0xff;
    int b = rgb & 0xff;
    double luminance = 0.299 * r + 0.587 * g + 0.114 * b;
    double white = Math.max(0, (LEAST_LUMINANCE - luminance) / (255 - luminance));
    return mixed(r, white) << 16 | mixed(g, white) << 8 | mixed(b, white);
  }

  private static int mixed(int value, double white) {
    return (int) Math.round(value + (255 - value) * white);
  }
}
