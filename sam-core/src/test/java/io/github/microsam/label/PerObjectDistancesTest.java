package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.Test;

class PerObjectDistancesTest {

  @Test
  void aBallIsZeroInItsCentreAndOneAtItsSkin() {
    int n = 15;
    int[] ids = new int[n * n * n];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = squaredRadius(i, n) <= 36 ? 9 : 0;
    }
    float[] maps =
        Images.floats(
            PerObjectDistances.of(
                ArrayImgs.ints(ids, n, n, n),
                PerObjectDistanceOptions.defaults().withDistances(true, true, true)));
    int size = ids.length;
    assertEquals(7 * size, maps.length);
    for (int i = 0; i < size; i++) {
      boolean inside = ids[i] != 0;
      assertEquals(inside ? 1 : 0, maps[i], "instances");
      assertEquals(inside ? 1 : 0, maps[size + i], "foreground");
      double radius = Math.sqrt(squaredRadius(i, n)) / 6;
      assertEquals(inside ? radius : 1, maps[2 * size + i], 1e-6, "centre distance");
      assertEquals(inside ? (7 - i % n) / 6. : 1, maps[3 * size + i], 1e-6, "x");
      assertEquals(inside ? (7 - i / n % n) / 6. : 1, maps[4 * size + i], 1e-6, "y");
      assertEquals(inside ? (7 - i / (n * n)) / 6. : 1, maps[5 * size + i], 1e-6, "z");
    }
    assertEquals(0, maps[6 * size + 7 + n * (7 + n * 7)], "boundary distance in the centre");
    assertEquals(1, maps[6 * size + 1 + n * (7 + n * 7)], 1e-6, "boundary distance at the skin");
  }

  private static int squaredRadius(int i, int n) {
    int x = i % n - 7;
    int y = i / n % n - 7;
    int z = i / (n * n) - 7;
    return x * x + y * y + z * z;
  }

  @Test
  void anObjectWithoutBoundaryHasBoundaryDistanceZero() {
    int[] ids = new int[30];
    Arrays.fill(ids, 4);
    float[] maps =
        Images.floats(
            PerObjectDistances.of(ArrayImgs.ints(ids, 6, 5), PerObjectDistanceOptions.defaults()));
    assertArrayEquals(new float[30], Arrays.copyOfRange(maps, 90, 120));
  }

  @Test
  void aCentroidOutsideTheObjectIsReplacedByItsDeepestPixel() {
    // A thick C: the centroid falls into its opening.
    int w = 12;
    int[] ids = new int[w * 12];
    for (int y = 0; y < 12; y++) {
      for (int x = 0; x < w; x++) {
        ids[y * w + x] = x < 3 || y < 3 || y > 8 ? 1 : 0;
      }
    }
    var options = PerObjectDistanceOptions.defaults().withDistances(true, false, false);
    float[] center =
        Arrays.copyOfRange(
            Images.floats(PerObjectDistances.of(ArrayImgs.ints(ids, w, 12), options)), 288, 432);
    assertEquals(1, center[5 * w + 5], "the centroid is no part of the object");
    int zeros = 0;
    for (int i = 0; i < center.length; i++) {
      zeros += center[i] == 0 ? 1 : 0;
    }
    assertEquals(1, zeros, "exactly one pixel is the centre");
    assertEquals(0, center[0], "the corner is farthest from the inner boundary");
  }

  @Test
  void askingForNoDistanceIsRefused() {
    var options = PerObjectDistanceOptions.defaults().withDistances(false, false, false);
    assertThrows(
        IllegalArgumentException.class, () -> PerObjectDistances.of(ArrayImgs.ints(3, 3), options));
  }
}
