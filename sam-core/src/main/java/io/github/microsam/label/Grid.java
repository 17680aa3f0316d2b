package io.github.microsam.label;

import net.imglib2.Interval;

/** Size of an image of one to three axes whose pixels lie in an array, x fastest. */
record Grid(int width, int height, int depth) {

  static Grid of(Interval interval) {
    int n = interval.numDimensions();
    if (n < 1 || n > 3) {
      throw new IllegalArgumentException(
          "an image of " + n + " axes; label algorithms take 1 to 3: pass slices of it");
    }
    long[] size = {1, 1, 1};
    long pixels = 1;
    for (int d = 0; d < n; d++) {
      size[d] = interval.dimension(d);
      pixels = Math.multiplyExact(pixels, size[d]);
    }
    if (pixels > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "an image of " + pixels + " pixels; label algorithms take up to 2^31 − 9: tile it");
    }
    return new Grid((int) size[0], (int) size[1], (int) size[2]);
  }

  /** Number of pixels. */
  int size() {
    return width * height * depth;
  }

  /** Number of lines along x. */
  int rows() {
    return height * depth;
  }

  int index(int x, int y, int z) {
    return x + width * (y + height * z);
  }

  int x(int index) {
    return index % width;
  }

  int y(int index) {
    return index / width % height;
  }

  int z(int index) {
    return index / (width * height);
  }
}
