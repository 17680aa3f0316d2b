package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Random;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.parallel.Parallelization;
import org.junit.jupiter.api.Test;

class ConnectedComponentsTest {

  @Test
  void componentsAreThoseOfAFloodFill() {
    Random random = new Random(1);
    for (int round = 0; round < 60; round++) {
      long[] size = {1 + random.nextInt(17), 1 + random.nextInt(13), 1 + random.nextInt(6)};
      if (round % 3 == 0) {
        size[2] = 1;
      }
      int[] ids = Images.randomIds(random, 1 + random.nextInt(4), 4, size);
      for (Connectivity connectivity : Connectivity.values()) {
        Images.assertSame(
            "round " + round + " " + connectivity,
            floodFill(ids, size, connectivity),
            Images.ids(ConnectedComponents.ofLabels(ArrayImgs.ints(ids, size), connectivity)),
            (int) size[0]);
      }
    }
  }

  @Test
  void threadsDoNotChangeTheIds() {
    long[] size = {400, 2000};
    boolean[] mask = Images.randomMask(new Random(2), 0.55, 800_000);
    int[] many = Images.ids(ConnectedComponents.of(Images.mask(mask, size), Connectivity.FACES));
    int[] one =
        Parallelization.runSingleThreaded(
            () -> Images.ids(ConnectedComponents.of(Images.mask(mask, size), Connectivity.FACES)));
    Images.assertSame("threads", one, many, 400);
    long[] volume = {200, 40, 100};
    many = Images.ids(ConnectedComponents.of(Images.mask(mask, volume), Connectivity.FULL));
    one =
        Parallelization.runSingleThreaded(
            () -> Images.ids(ConnectedComponents.of(Images.mask(mask, volume), Connectivity.FULL)));
    Images.assertSame("threads, 3D", one, many, 200);
  }

  @Test
  void diagonalNeighboursTouchInFullConnectivityOnly() {
    var mask = Images.mask("#..", ".#.", "..#");
    assertEquals(3, max(Images.ids(ConnectedComponents.of(mask, Connectivity.FACES))));
    assertEquals(1, max(Images.ids(ConnectedComponents.of(mask, Connectivity.FULL))));
  }

  private static int max(int[] ids) {
    int max = 0;
    for (int id : ids) {
      max = Math.max(max, id);
    }
    return max;
  }

  private static int[] floodFill(int[] ids, long[] size, Connectivity connectivity) {
    int w = (int) size[0];
    int h = (int) size[1];
    int d = (int) size[2];
    int[] out = new int[ids.length];
    int count = 0;
    for (int start = 0; start < ids.length; start++) {
      if (ids[start] == 0 || out[start] != 0) {
        continue;
      }
      out[start] = ++count;
      ArrayDeque<Integer> queue = new ArrayDeque<>();
      queue.add(start);
      while (!queue.isEmpty()) {
        int i = queue.remove();
        for (int n = 0; n < 27; n++) {
          int dx = n % 3 - 1;
          int dy = n / 3 % 3 - 1;
          int dz = n / 9 - 1;
          int x = i % w + dx;
          int y = i / w % h + dy;
          int z = i / (w * h) + dz;
          boolean face = Math.abs(dx) + Math.abs(dy) + Math.abs(dz) == 1;
          if ((connectivity == Connectivity.FACES && !face)
              || x < 0
              || x >= w
              || y < 0
              || y >= h
              || z < 0
              || z >= d) {
            continue;
          }
          int j = x + w * (y + h * z);
          if (out[j] == 0 && ids[j] == ids[i]) {
            out[j] = count;
            queue.add(j);
          }
        }
      }
    }
    return out;
  }
}
