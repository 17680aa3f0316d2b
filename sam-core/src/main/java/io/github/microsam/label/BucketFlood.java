package io.github.microsam.label;

import java.util.Arrays;

/**
 * One run of {@link SeededWatershed} in {@link FloodOrder#BUCKETS} order. Which pixel comes next
 * matters only among pixels that touch, so each connected piece of the mask is flooded by itself:
 * near pixels lie near in memory, and pieces go to different threads.
 */
final class BucketFlood {
  private final float[] height;
  private final boolean[] mask;
  private final Grid grid;
  private final int[] ids;
  private final char[] level;

  /** The pixel below each in its stack; a pixel is pushed once, so one link a pixel is enough. */
  private final int[] below;

  /**
   * Prepares a run.
   *
   * @param ids the seeds inside the mask, which become the result
   */
  BucketFlood(float[] height, int[] ids, boolean[] mask, Grid grid) {
    this.height = height;
    this.mask = mask;
    this.grid = grid;
    this.ids = ids;
    level = levels();
    below = new int[ids.length];
  }

  int[] flood() {
    int[] piece = ConnectedComponents.label(mask, grid, Connectivity.FACES);
    int pieces = 0;
    for (int p : piece) {
      pieces = Math.max(pieces, p);
    }
    // Seeds in raster order, piece by piece.
    int[] end = new int[pieces + 1];
    for (int i = 0; i < ids.length; i++) {
      end[piece[i]] += ids[i] != 0 ? 1 : 0;
    }
    int count = 0;
    for (int p = 0; p <= pieces; p++) {
      count += end[p];
      end[p] = count - end[p];
    }
    int[] seeds = new int[count];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] != 0) {
        seeds[end[piece[i]]++] = i;
      }
    }
    Chunks.forEach(
        pieces,
        1,
        (from, to) -> {
          LevelStacks stacks = new LevelStacks(level, below);
          for (int p = from + 1; p <= to; p++) {
            for (int s = end[p - 1]; s < end[p]; s++) {
              stacks.push(seeds[s], 0);
            }
            drain(stacks);
          }
        });
    return ids;
  }

  private void drain(LevelStacks stacks) {
    int w = grid.width();
    int h = grid.height();
    int plane = w * h;
    int now;
    while ((now = stacks.lowest()) >= 0) {
      int pixel = stacks.pop(now);
      int row = pixel / w;
      int x = pixel - row * w;
      int y = row % h;
      int z = row / h;
      // The order of bioimage-cpp; which basin wins on a plateau depends on it.
      claim(z > 0, pixel - plane, pixel, now, stacks);
      claim(z + 1 < grid.depth(), pixel + plane, pixel, now, stacks);
      claim(y > 0, pixel - w, pixel, now, stacks);
      claim(y + 1 < h, pixel + w, pixel, now, stacks);
      claim(x > 0, pixel - 1, pixel, now, stacks);
      claim(x + 1 < w, pixel + 1, pixel, now, stacks);
    }
  }

  private void claim(boolean inImage, int pixel, int from, int now, LevelStacks stacks) {
    if (inImage && mask[pixel] && ids[pixel] == 0) {
      ids[pixel] = ids[from];
      stacks.push(pixel, now);
    }
  }

  private char[] levels() {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < height.length; i++) {
      if (mask[i]) {
        low = Math.min(low, height[i]);
        high = Math.max(high, height[i]);
      }
    }
    char[] out = new char[height.length];
    double range = (double) high - low;
    if (range > 0) {
      int last = LevelStacks.LEVELS - 1;
      double scale = last / range;
      for (int i = 0; i < height.length; i++) {
        if (mask[i]) {
          out[i] = (char) Math.max(0, Math.min(last, ((double) height[i] - low) * scale));
        }
      }
    }
    return out;
  }

  /** A stack of pixels for each level. */
  private static final class LevelStacks {
    static final int LEVELS = 65536;

    private final char[] level;
    private final int[] below;
    private final int[] top = new int[LEVELS];

    /** A bit for each level that has pixels. */
    private final long[] filled = new long[LEVELS / 64];

    private int firstWord = filled.length;

    LevelStacks(char[] level, int[] below) {
      this.level = level;
      this.below = below;
      Arrays.fill(top, -1);
    }

    /** Pushes a pixel at its level, or at the present one where that is higher. */
    void push(int pixel, int now) {
      int at = Math.max(now, level[pixel]);
      below[pixel] = top[at];
      top[at] = pixel;
      filled[at >> 6] |= 1L << at;
      firstWord = Math.min(firstWord, at >> 6);
    }

    /** The lowest level that has pixels, or −1. */
    int lowest() {
      while (firstWord < filled.length) {
        if (filled[firstWord] != 0) {
          return (firstWord << 6) + Long.numberOfTrailingZeros(filled[firstWord]);
        }
        firstWord++;
      }
      return -1;
    }

    int pop(int at) {
      int pixel = top[at];
      top[at] = below[pixel];
      if (top[at] < 0) {
        filled[at >> 6] &= ~(1L << at);
      }
      return pixel;
    }
  }
}
