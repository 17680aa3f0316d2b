package io.github.microsam.image;

import java.util.Arrays;
import net.imglib2.Interval;

/** Checks the axes of an interval that is to be an image. */
final class Sides {
  private Sides() {}

  static void check(Interval image, int leastAxes, int mostAxes) {
    int n = image.numDimensions();
    long[] sides = image.dimensionsAsLongArray();
    if (n < leastAxes || n > mostAxes) {
      throw new ImageException(
          "The image has "
              + n
              + " axes "
              + Arrays.toString(sides)
              + ", expected (x, y)"
              + (mostAxes > 2 ? " or (x, y, channel)" : "")
              + ": take one plane of a stack with Views.hyperSlice.");
    }
    for (long side : sides) {
      if (side < 1 || side > Integer.MAX_VALUE) {
        throw new ImageException(
            "The image has the size "
                + Arrays.toString(sides)
                + ", expected at least one pixel and at most 2147483647 along each axis.");
      }
    }
  }

  static void checkPart(Tiling.Region region, int width, int height) {
    if (region.width() < 1
        || region.height() < 1
        || region.x() < 0
        || region.y() < 0
        || region.x() > width - region.width()
        || region.y() > height - region.height()) {
      throw new IndexOutOfBoundsException(
          region + " is no part of an image of %d x %d pixels".formatted(width, height));
    }
  }
}
