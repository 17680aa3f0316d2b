package io.github.microsam.segment;

/** Whether images fit. */
final class ImageMemory {
  /** Maps, smoothed maps, masks, seeds, heights, labels and what the algorithms hold beside. */
  private static final long BYTES_PER_PIXEL = 48;

  private ImageMemory() {}

  static void requireOneArray(int width, int height) {
    if ((long) width * height > Integer.MAX_VALUE - 8) {
      throw new SegmentationException(
          "An image of %d x %d pixels; objects are made in up to 2147483639. Segment parts of it."
              .formatted(width, height));
    }
  }

  /** Refuses, before anything is computed, what would end in an OutOfMemoryError hours later. */
  static void requireFor(int width, int height, long available) {
    requireOneArray(width, height);
    long needed = BYTES_PER_PIXEL * width * height;
    if (needed > available) {
      throw new SegmentationException(
          "An image of %d x %d pixels needs about %d GB of memory for Java, which has %d GB. Give it more (-Xmx%dg) or segment parts of the image."
              .formatted(
                  width,
                  height,
                  gigabytes(needed),
                  gigabytes(available),
                  gigabytes(needed + needed / 4)));
    }
  }

  private static long gigabytes(long bytes) {
    return (bytes + (1L << 30) - 1) >> 30;
  }
}
