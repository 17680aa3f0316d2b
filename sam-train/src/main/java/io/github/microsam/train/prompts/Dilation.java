package io.github.microsam.train.prompts;

/** Pixels within some rows and columns of an object, in a window. */
final class Dilation {
  private Dilation() {}

  static int index(PixelWindow window, int pixel) {
    int x = pixel % window.imageWidth() - window.x0();
    int y = pixel / window.imageWidth() - window.y0();
    return y * (window.x1() - window.x0()) + x;
  }

  /**
   * As many dilations by 3 × 3 pixels as {@code distance}, done along rows and then along columns.
   *
   * @return one element a pixel of the window
   */
  static boolean[] of(TrueObject object, PixelWindow window, int distance) {
    int width = window.x1() - window.x0();
    int height = window.y1() - window.y0();
    boolean[] mask = new boolean[width * height];
    for (int y = 0; y < height; y++) {
      int start = (window.y0() + y) * window.imageWidth() + window.x0();
      for (int x = 0; x < width; x++) {
        mask[y * width + x] = object.contains(start + x);
      }
    }
    boolean[] rows = spread(mask, width, height, 1, width, distance);
    return spread(rows, height, width, width, 1, distance);
  }

  /** Along lines of a length, with a step between their pixels and one between lines. */
  private static boolean[] spread(
      boolean[] mask, int length, int lines, int step, int nextLine, int distance) {
    boolean[] out = new boolean[mask.length];
    for (int line = 0; line < lines; line++) {
      int end = -1; // up to here pixels are near one that was passed
      for (int i = 0; i < length; i++) {
        int at = line * nextLine + i * step;
        end = mask[at] ? i + distance : end;
        out[at] = i <= end;
      }
      int begin = length;
      for (int i = length - 1; i >= 0; i--) {
        int at = line * nextLine + i * step;
        begin = mask[at] ? i - distance : begin;
        out[at] |= i >= begin;
      }
    }
    return out;
  }
}
