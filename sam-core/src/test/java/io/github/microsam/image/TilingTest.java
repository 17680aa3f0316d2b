package io.github.microsam.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.image.Tiling.Region;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TilingTest {
  @Test
  void tilesAreNumberedRowByRowAndCutAtTheBorder() {
    Tiling t = new Tiling(100, 70, 40, 30, 8, 4);
    assertEquals(3, t.columns());
    assertEquals(3, t.rows());
    assertEquals(new Region(0, 0, 48, 34), t.outer(0));
    assertEquals(new Region(80, 0, 20, 30), t.inner(2));
    assertEquals(new Region(72, 0, 28, 34), t.outer(2));
    assertEquals(new Region(40, 30, 40, 30), t.inner(4));
    assertEquals(new Region(32, 26, 56, 38), t.outer(4));
    assertEquals(new Region(8, 4, 40, 30), t.innerInOuter(4));
    assertEquals(new Region(80, 60, 20, 10), t.inner(8));
    assertThrows(IndexOutOfBoundsException.class, () -> t.inner(9));
  }

  @Test
  void innerTilesCoverEveryPixelOnce() {
    SplittableRandom random = new SplittableRandom(7);
    for (int trial = 0; trial < 40; trial++) {
      int w = random.nextInt(1, 60);
      int h = random.nextInt(1, 60);
      Tiling t = Tiling.square(w, h, random.nextInt(1, 70), random.nextInt(0, 9));
      int[] covered = new int[w * h];
      for (int i = 0; i < t.count(); i++) {
        Region inner = t.inner(i);
        Region outer = t.outer(i);
        for (int y = inner.y(); y < inner.y() + inner.height(); y++) {
          for (int x = inner.x(); x < inner.x() + inner.width(); x++) {
            covered[y * w + x]++;
            assertTrue(outer.contains(x, y));
          }
        }
        assertTrue(outer.x() >= 0 && outer.x() + outer.width() <= w);
        assertTrue(outer.y() >= 0 && outer.y() + outer.height() <= h);
      }
      for (int c : covered) {
        assertEquals(1, c, t::toString);
      }
    }
  }
}
