package io.github.microsam.io;

import java.awt.Color;

/** Distinct colours for labels: hues a golden angle apart, so that near numbers look far apart. */
final class LabelColours {
  private static final double GOLDEN = 0.6180339887498949;
  private static final float[] SATURATION = {1f, 0.75f, 0.9f};
  private static final float[] BRIGHTNESS = {1f, 1f, 0.85f};

  /** Pure blue has 29 of 255 and cannot be seen on the dark background of fluorescence. */
  private static final double LEAST_LUMINANCE = 100;

  /** Yellow has 226 and cannot be seen on the white background of brightfield. */
  private static final double MOST_LUMINANCE_ON_BRIGHT = 120;

  private LabelColours() {}

  /** Red, green and blue in the low 24 bits, for a label above 0; always the same one. */
  static int of(long label) {
    double hue = label * GOLDEN;
    int shade = (int) (label % SATURATION.length);
    return lightened(
        Color.HSBtoRGB((float) (hue - Math.floor(hue)), SATURATION[shade], BRIGHTNESS[shade]));
  }

  /** The same hue, darker where it would be lost on a bright image. */
  static int onBright(long label) {
    int rgb = of(label);
    double share = Math.min(1, MOST_LUMINANCE_ON_BRIGHT / luminance(rgb));
    return scaled(rgb >> 16, share) << 16 | scaled(rgb >> 8, share) << 8 | scaled(rgb, share);
  }

  private static int scaled(int value, double share) {
    return (int) Math.round((value & 0xff) * share);
  }

  /** How bright a colour looks, 0 to 255. */
  static double luminance(int rgb) {
    return 0.299 * (rgb >> 16 & 0xff) + 0.587 * (rgb >> 8 & 0xff) + 0.114 * (rgb & 0xff);
  }

  private static int lightened(int rgb) {
    int r = rgb >> 16 & 0xff;
    int g = rgb >> 8 & 0xff;
    int b = rgb & 0xff;
    double luminance = luminance(rgb);
    double white = Math.max(0, (LEAST_LUMINANCE - luminance) / (255 - luminance));
    return mixed(r, white) << 16 | mixed(g, white) << 8 | mixed(b, white);
  }

  private static int mixed(int value, double white) {
    return (int) Math.round(value + (255 - value) * white);
  }
}
