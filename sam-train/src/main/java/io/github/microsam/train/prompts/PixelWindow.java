package io.github.microsam.train.prompts;

import io.github.microsam.prompt.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/** A rectangle of pixels of an image, half open, from which pixels are drawn uniformly. */
record PixelWindow(int x0, int y0, int x1, int y1, int imageWidth) {

  /** How many pixels fulfil a condition. */
  int count(IntPredicate region) {
    int count = 0;
    for (int y = y0; y < y1; y++) {
      for (int x = x0; x < x1; x++) {
        count += region.test(y * imageWidth + x) ? 1 : 0;
      }
    }
    return count;
  }

  /** The pixel that fulfils a condition after so many others, in raster order. */
  private int nth(IntPredicate region, int n) {
    int left = n;
    for (int y = y0; y < y1; y++) {
      for (int x = x0; x < x1; x++) {
        if (region.test(y * imageWidth + x) && left-- == 0) {
          return y * imageWidth + x;
        }
      }
    }
    throw new IllegalStateException("a region changed while pixels were drawn from it");
  }

  /** A uniformly drawn pixel of the region, or −1 if it is empty. */
  int draw(IntPredicate region, RandomGenerator random) {
    int count = count(region);
    return count == 0 ? -1 : nth(region, random.nextInt(count));
  }

  /** Draws without replacement up to so many pixels, fewer if the region has fewer. */
  List<Integer> draw(IntPredicate region, int most, RandomGenerator random) {
    List<Integer> drawn = new ArrayList<>();
    int count = count(region);
    for (int i = 0; i < Math.min(most, count); i++) {
      drawn.add(nth(p -> region.test(p) && !drawn.contains(p), random.nextInt(count - i)));
    }
    return drawn;
  }

  Prompt.Point point(int pixel, boolean positive) {
    int y = pixel / imageWidth;
    return new Prompt.Point(pixel - y * imageWidth, y, positive);
  }
}
