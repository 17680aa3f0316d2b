package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.Test;

class SeededWatershedTest {

  /**
   * The flooding of Meyer by definition: always the lowest pixel next to a basin, of the lowest the
   * one reached last. (Heights are whole numbers, for which the 65,536 steps are exact.)
   */
  @Test
  void bucketsFloodTheLowestReachedLastFirst() {
    Random random = new Random(5);
    for (int round = 0; round < 60; round++) {
      Case c = new Case(random, round % 2 == 0);
      Images.assertSame(
          "round " + round, c.plain(true), c.flood(FloodOrder.BUCKETS), (int) c.size[0]);
    }
  }

  @Test
  void heapFloodsTheLowestReachedFirstFirst() {
    Random random = new Random(6);
    for (int round = 0; round < 60; round++) {
      Case c = new Case(random, round % 2 == 0);
      Images.assertSame(
          "round " + round, c.plain(false), c.flood(FloodOrder.HEAP), (int) c.size[0]);
    }
  }

  @Test
  void everyReachablePixelOfTheMaskIsFlooded() {
    var height = ArrayImgs.floats(new float[] {3, 1, 4, 1, 5}, 5, 1);
    var seeds = Images.labels(5, 7, 0, 0, 0, 0);
    boolean[] mask = {true, true, false, true, true};
    for (FloodOrder order : FloodOrder.values()) {
      Images.assertSame(
          order.name(),
          new int[] {7, 7, 0, 0, 0},
          Images.ids(SeededWatershed.flood(height, seeds, ArrayImgs.booleans(mask, 5, 1), order)),
          5);
    }
  }

  @Test
  void nanInsideTheMaskIsRefusedByPlace() {
    var height = ArrayImgs.floats(new float[] {0, Float.NaN, 0, 0}, 2, 2);
    var seeds = Images.labels(2, 1, 0, 0, 0);
    var e =
        assertThrows(IllegalArgumentException.class, () -> SeededWatershed.flood(height, seeds));
    assertTrue(e.getMessage().contains("(1, 0, 0)"), e.getMessage());
    boolean[] mask = {true, false, true, true};
    var outside =
        SeededWatershed.flood(height, seeds, ArrayImgs.booleans(mask, 2, 2), FloodOrder.BUCKETS);
    assertEquals(0, Images.ids(outside)[1]);
  }

  @Test
  void imagesOfDifferentSizeAreRefused() {
    var height = ArrayImgs.floats(2, 2);
    assertThrows(
        IllegalArgumentException.class,
        () -> SeededWatershed.flood(height, Images.labels(3, 1, 2, 3)));
  }

  /** A random height map with few levels, one-pixel seeds of different heights, and a mask. */
  private static final class Case {
    final long[] size;
    final int[] seeds;
    final float[] height;
    final boolean[] mask;

    Case(Random random, boolean flat) {
      size = new long[] {2 + random.nextInt(12), 2 + random.nextInt(9), flat ? 1 : 4};
      int n = (int) (size[0] * size[1] * size[2]);
      height = new float[n];
      seeds = new int[n];
      for (int i = 0; i < n; i++) {
        height[i] = 10 + random.nextInt(5);
      }
      for (int s = 0; s < 4; s++) {
        int at = random.nextInt(n);
        seeds[at] = s + 1;
        height[at] = s; // distinct, so that the order of the seeds is plain
      }
      for (int i = 0; i < n; i++) {
        height[i] = seeds[i] == 0 ? height[i] : seeds[i];
      }
      // Lowest and highest span exactly 65535 / 4369 steps.
      height[0] = seeds[0] == 0 ? 15 : height[0];
      mask = Images.randomMask(random, 0.9, n);
      mask[0] = true;
    }

    int[] flood(FloodOrder order) {
      return Images.ids(
          SeededWatershed.flood(
              ArrayImgs.floats(height, size),
              ArrayImgs.ints(seeds, size),
              Images.mask(mask, size),
              order));
    }

    int[] plain(boolean lastFirst) {
      int n = height.length;
      int[] out = new int[n];
      float[] level = new float[n];
      int[] reached = new int[n];
      boolean[] waiting = new boolean[n];
      int clock = 0;
      for (int i = 0; i < n; i++) {
        if (mask[i] && seeds[i] != 0) {
          out[i] = seeds[i];
          level[i] = height[i];
          reached[i] = lastFirst ? ++clock : 0;
          waiting[i] = true;
        }
      }
      int w = (int) size[0];
      int h = (int) size[1];
      int[][] steps =
          lastFirst
              ? new int[][] {{0, 0, -1}, {0, 0, 1}, {0, -1, 0}, {0, 1, 0}, {-1, 0, 0}, {1, 0, 0}}
              : new int[][] {{0, 0, -1}, {0, -1, 0}, {-1, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
      while (true) {
        int next = -1;
        for (int i = 0; i < n; i++) {
          if (waiting[i]
              && (next < 0
                  || level[i] < level[next]
                  || (level[i] == level[next] && lastFirst == (reached[i] > reached[next])))) {
            next = i;
          }
        }
        if (next < 0) {
          return out;
        }
        waiting[next] = false;
        for (int[] step : steps) {
          int x = next % w + step[0];
          int y = next / w % h + step[1];
          int z = next / (w * h) + step[2];
          int at = x + w * (y + h * z);
          if (x < 0 || x >= w || y < 0 || y >= h || z < 0 || z >= size[2]) {
            continue;
          }
          if (mask[at] && out[at] == 0) {
            out[at] = out[next];
            level[at] = lastFirst ? Math.max(level[next], height[at]) : height[at];
            reached[at] = ++clock;
            waiting[at] = true;
          }
        }
      }
    }
  }
}
