package io.github.microsam.label;

import java.util.Random;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.Test;

class FindBoundariesTest {

  /** Against dilation ≠ erosion, as scikit-image defines it. */
  @Test
  void boundariesAreWhereDilationAndErosionDiffer() {
    Random random = new Random(9);
    for (int round = 0; round < 40; round++) {
      long[] size = {1 + random.nextInt(14), 1 + random.nextInt(10), 1 + random.nextInt(4)};
      int[] ids = Images.randomIds(random, 3, 4, size);
      for (BoundaryMode mode : BoundaryMode.values()) {
        Images.assertSame(
            "round " + round + " " + mode,
            plain(ids, size, mode),
            Images.bits(FindBoundaries.of(ArrayImgs.ints(ids, size), mode)),
            (int) size[0]);
      }
    }
  }

  private static int[] plain(int[] ids, long[] size, BoundaryMode mode) {
    int[] inverted = ids.clone();
    for (int i = 0; i < ids.length; i++) {
      inverted[i] = ids[i] == 0 ? Integer.MAX_VALUE : ids[i];
    }
    int[] out = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      boolean thick = extreme(ids, size, i, false, true) != extreme(ids, size, i, false, false);
      boolean touching =
          ids[i] != 0
              && extreme(ids, size, i, true, true) != extreme(inverted, size, i, true, false);
      boolean marked =
          switch (mode) {
            case THICK -> thick;
            case INNER -> thick && ids[i] != 0;
            case OUTER -> thick && (ids[i] == 0 || touching);
          };
      out[i] = marked ? 1 : 0;
    }
    return out;
  }

  private static int extreme(int[] v, long[] size, int i, boolean full, boolean largest) {
    int w = (int) size[0];
    int h = (int) size[1];
    int out = v[i];
    for (int n = 0; n < 27; n++) {
      int dx = n % 3 - 1;
      int dy = n / 3 % 3 - 1;
      int dz = n / 9 - 1;
      int x = i % w + dx;
      int y = i / w % h + dy;
      int z = i / (w * h) + dz;
      boolean face = Math.abs(dx) + Math.abs(dy) + Math.abs(dz) <= 1;
      if ((full || face) && x >= 0 && x < w && y >= 0 && y < h && z >= 0 && z < size[2]) {
        int other = v[x + w * (y + h * z)];
        out = largest ? Math.max(out, other) : Math.min(out, other);
      }
    }
    return out;
  }
}
