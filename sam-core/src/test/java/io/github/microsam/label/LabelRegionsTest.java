package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.imglib2.Point;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;

class LabelRegionsTest {

  @Test
  void sizeBoxAndCentroidAreThoseOfThePixels() {
    Random random = new Random(7);
    for (int round = 0; round < 40; round++) {
      long[] size = {1 + random.nextInt(30), 1 + random.nextInt(20), 1 + random.nextInt(4)};
      int[] ids = Images.randomIds(random, 40, 3, size);
      Map<Long, double[]> plain = plain(ids, size);
      List<LabelRegion> regions = LabelRegions.of(ArrayImgs.ints(ids, size));
      assertEquals(List.copyOf(plain.keySet()), regions.stream().map(LabelRegion::id).toList());
      for (LabelRegion region : regions) {
        double[] sums = plain.get(region.id());
        assertEquals((long) sums[0], region.size());
        for (int d = 0; d < 3; d++) {
          assertEquals((long) sums[1 + d], region.box().min(d));
          assertEquals((long) sums[4 + d], region.box().max(d));
          assertEquals(sums[7 + d] / sums[0], region.centroid().getDoublePosition(d), 1e-12);
        }
      }
    }
  }

  /** Count, minima, maxima, sums by id. */
  private static Map<Long, double[]> plain(int[] ids, long[] size) {
    Map<Long, double[]> out = new TreeMap<>();
    int w = (int) size[0];
    int h = (int) size[1];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == 0) {
        continue;
      }
      int[] p = {i % w, i / w % h, i / (w * h)};
      double[] s =
          out.computeIfAbsent(
              (long) ids[i], k -> new double[] {0, 1e9, 1e9, 1e9, -1, -1, -1, 0, 0, 0});
      s[0]++;
      for (int d = 0; d < 3; d++) {
        s[1 + d] = Math.min(s[1 + d], p[d]);
        s[4 + d] = Math.max(s[4 + d], p[d]);
        s[7 + d] += p[d];
      }
    }
    return out;
  }

  /** Upstream's acceptance test: rows 7 and 8, columns 3 and 4 have the box [3, 7, 4, 8]. */
  @Test
  void boxOfAMaskIsInclusiveAndTwoByTwo() {
    boolean[] mask = new boolean[100];
    for (int i : new int[] {73, 74, 83, 84}) {
      mask[i] = true;
    }
    var box = RunLengths.of(Images.mask(mask, 10, 10)).box().orElseThrow();
    assertArrayEquals(new long[] {3, 7}, box.minAsLongArray());
    assertArrayEquals(new long[] {4, 8}, box.maxAsLongArray());
    assertArrayEquals(new long[] {2, 2}, box.dimensionsAsLongArray());
  }

  @Test
  void coordinatesAreTheImages() {
    var labels = Views.translate(Images.labels(3, 0, 0, 0, 0, 5, 5, 0, 5, 5), -100, 40);
    LabelRegion region = LabelRegions.of(labels).get(0);
    assertArrayEquals(new long[] {-99, 41}, region.box().minAsLongArray());
    assertEquals(-98.5, region.centroid().getDoublePosition(0));
    Point center = ObjectCenters.mostInterior(labels).get(5L);
    assertArrayEquals(new long[] {-99, 41}, center.positionAsLongArray());
    assertArrayEquals(
        new long[] {-100, 40},
        ConnectedComponents.ofLabels(labels, Connectivity.FULL).minAsLongArray());
  }

  @Test
  void mostInteriorPixelIsTheFarthestFromItsBoundary() {
    Random random = new Random(8);
    for (int round = 0; round < 30; round++) {
      int w = 3 + random.nextInt(20);
      int h = 3 + random.nextInt(20);
      int[] ids = Images.randomIds(random, 5, 8, w, h);
      Map<Long, Point> centers = ObjectCenters.mostInterior(ArrayImgs.ints(ids, w, h));
      for (Map.Entry<Long, Point> entry : centers.entrySet()) {
        int id = entry.getKey().intValue();
        int best = -1;
        int deepest = -1;
        for (int i = 0; i < ids.length; i++) {
          if (ids[i] == id) {
            int squared = squaredToAnyBoundary(ids, w, h, i);
            if (squared > deepest) {
              deepest = squared;
              best = i;
            }
          }
        }
        assertEquals(best % w, entry.getValue().getIntPosition(0), "round " + round);
        assertEquals(best / w, entry.getValue().getIntPosition(1), "round " + round);
      }
    }
  }

  private static int squaredToAnyBoundary(int[] ids, int w, int h, int from) {
    int best = Integer.MAX_VALUE;
    for (int i = 0; i < ids.length; i++) {
      int x = i % w;
      int y = i / w;
      if (ids[i] == 0) {
        continue;
      }
      boolean edge =
          x == 0
              || x == w - 1
              || y == 0
              || y == h - 1
              || ids[i - 1] != ids[i]
              || ids[i + 1] != ids[i]
              || ids[i - w] != ids[i]
              || ids[i + w] != ids[i];
      if (edge) {
        int dx = from % w - x;
        int dy = from / w - y;
        best = Math.min(best, dx * dx + dy * dy);
      }
    }
    return best;
  }
}
