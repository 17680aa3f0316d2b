package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.Test;

class DistanceTransformTest {

  @Test
  void squaredDistancesAreTheSmallestOfAll() {
    Random random = new Random(3);
    for (int round = 0; round < 60; round++) {
      long[] size = {1 + random.nextInt(40), 1 + random.nextInt(20), 1 + random.nextInt(5)};
      int n = (int) (size[0] * size[1] * size[2]);
      boolean[] mask = Images.randomMask(random, 0.5 / (1 + random.nextInt(30)), n);
      int[] expected = bruteForce(mask, size);
      var image = Images.mask(mask, size);
      String what = "round " + round;
      Images.assertSame(
          what, expected, Images.ids(DistanceTransform.squaredToNearest(image)), (int) size[0]);
      float[] distance = Images.floats(DistanceTransform.toNearest(image));
      for (int i = 0; i < n; i++) {
        float root =
            expected[i] == Integer.MAX_VALUE
                ? Float.POSITIVE_INFINITY
                : (float) Math.sqrt(expected[i]);
        assertEquals(root, distance[i], what);
      }
      if (expected[0] != Integer.MAX_VALUE) {
        assertVectors(what, mask, expected, size);
      }
    }
  }

  /** Vectors lead to a true pixel, and no other is nearer. */
  private static void assertVectors(String what, boolean[] mask, int[] squared, long[] size) {
    float[] vectors = Images.floats(DistanceTransform.vectorsToNearest(Images.mask(mask, size)));
    int w = (int) size[0];
    int h = (int) size[1];
    int n = mask.length;
    for (int i = 0; i < n; i++) {
      int dx = (int) vectors[i];
      int dy = (int) vectors[n + i];
      int dz = (int) vectors[2 * n + i];
      assertEquals(squared[i], dx * dx + dy * dy + dz * dz, what);
      assertEquals(true, mask[i + dx + w * (dy + h * dz)], what + ": target of pixel " + i);
    }
  }

  @Test
  void withoutAnyPixelDistancesAreInfinite() {
    var none = Images.mask(new boolean[12], 4, 3);
    for (float distance : Images.floats(DistanceTransform.toNearest(none))) {
      assertEquals(Float.POSITIVE_INFINITY, distance);
    }
    assertThrows(IllegalArgumentException.class, () -> DistanceTransform.vectorsToNearest(none));
  }

  @Test
  void distanceToTheBoundaryOfObjects() {
    var labels = Images.labels(5, 1, 1, 1, 1, 0);
    assertArrayEquals(
        new float[] {3, 2, 1, 0, 1},
        Images.floats(DistanceTransform.toBoundary(labels, BoundaryMode.INNER)));
    assertArrayEquals(
        new float[] {4, 3, 2, 1, 0},
        Images.floats(DistanceTransform.toBoundary(labels, BoundaryMode.OUTER)));
  }

  @Test
  void longImagesAreRefusedWithAWayOut() {
    var image = ArrayImgs.booleans(new boolean[50_000], 50_000, 1);
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> DistanceTransform.squaredToNearest(image));
    assertEquals(true, e.getMessage().contains("tile it"), e.getMessage());
  }

  private static int[] bruteForce(boolean[] mask, long[] size) {
    int w = (int) size[0];
    int h = (int) size[1];
    int[] out = new int[mask.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = Integer.MAX_VALUE;
      for (int j = 0; j < out.length; j++) {
        if (mask[j]) {
          int dx = i % w - j % w;
          int dy = i / w % h - j / w % h;
          int dz = i / (w * h) - j / (w * h);
          out[i] = Math.min(out[i], dx * dx + dy * dy + dz * dz);
        }
      }
    }
    return out;
  }
}
