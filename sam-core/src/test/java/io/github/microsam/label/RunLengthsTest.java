package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.imglib2.FinalInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;

class RunLengthsTest {

  @Test
  void countsAreThoseDownTheColumnsAndGiveTheMaskBack() {
    Random random = new Random(10);
    for (int round = 0; round < 200; round++) {
      int w = 1 + random.nextInt(20);
      int h = 1 + random.nextInt(20);
      boolean[] mask = Images.randomMask(random, random.nextDouble(), w * h);
      RunLengths runs = RunLengths.of(Images.mask(mask, w, h));
      assertArrayEquals(plain(mask, w, h), runs.counts(), "round " + round);
      Images.assertSame(
          "round " + round, Images.bits(Images.mask(mask, w, h)), Images.bits(runs.toMask()), w);
      assertEquals(runs, RunLengths.of(runs.frame(), runs.counts()));
      assertEquals(runs, RunLengths.ofCoco(runs.frame(), runs.toCoco()));
    }
  }

  private static int[] plain(boolean[] mask, int w, int h) {
    List<Integer> counts = new ArrayList<>();
    boolean value = false;
    int run = 0;
    for (int x = 0; x < w; x++) {
      for (int y = 0; y < h; y++) {
        if (mask[y * w + x] != value) {
          counts.add(run);
          run = 0;
          value = !value;
        }
        run++;
      }
    }
    counts.add(run);
    return counts.stream().mapToInt(Integer::intValue).toArray();
  }

  @Test
  void cocoStringsAreCocos() {
    // maskApi's groups of five bits, worked out by hand: 6 → "6", 1, 40 → "X1", then 4 − 1 = 3,
    // 5 − 40 = −35 → "mN", 44 − 4 = 40 → "X1".
    RunLengths runs = RunLengths.of(new FinalInterval(10, 10), 6, 1, 40, 4, 5, 44);
    assertEquals("61X13mNX1", runs.toCoco());
    assertEquals(runs, RunLengths.ofCoco(new FinalInterval(10, 10), "61X13mNX1"));
  }

  @Test
  void brokenEncodingsAreRefused() {
    var frame = new FinalInterval(4, 4);
    assertThrows(IllegalArgumentException.class, () -> RunLengths.of(frame, 3, 4));
    assertThrows(IllegalArgumentException.class, () -> RunLengths.of(frame, 20, -4));
    assertThrows(IllegalArgumentException.class, () -> RunLengths.ofCoco(frame, "X"));
    assertThrows(IllegalArgumentException.class, () -> RunLengths.ofCoco(frame, "\u0001"));
    assertThrows(IllegalArgumentException.class, () -> RunLengths.ofCoco(frame, "aaaaaaaaaaaa"));
    assertThrows(IllegalArgumentException.class, () -> RunLengths.of(ArrayImgs.booleans(2, 2, 2)));
  }

  @Test
  void boxesAndIntersectionsAreThoseOfThePixels() {
    Random random = new Random(11);
    for (int round = 0; round < 200; round++) {
      Placed a = new Placed(random);
      Placed b = new Placed(random);
      int shared = 0;
      for (int y = -10; y < 40; y++) {
        for (int x = -10; x < 40; x++) {
          shared += a.has(x, y) && b.has(x, y) ? 1 : 0;
        }
      }
      assertEquals(shared, new ColumnRuns(a.runs).intersection(new ColumnRuns(b.runs)));
      assertEquals(shared, new ColumnRuns(b.runs).intersection(new ColumnRuns(a.runs)));
      a.assertBox();
    }
  }

  @Test
  void anEmptyMaskHasNoBox() {
    RunLengths empty = RunLengths.of(new FinalInterval(3, 2), 6);
    assertTrue(empty.box().isEmpty());
    assertEquals(0, empty.area());
    assertEquals("6", empty.toCoco());
  }

  /** A random mask somewhere in the image. */
  private static final class Placed {
    final int w;
    final int h;
    final int x0;
    final int y0;
    final boolean[] mask;
    final RunLengths runs;

    Placed(Random random) {
      w = 1 + random.nextInt(15);
      h = 1 + random.nextInt(15);
      x0 = random.nextInt(20) - 8;
      y0 = random.nextInt(20) - 8;
      mask = Images.randomMask(random, random.nextDouble(), w * h);
      runs = RunLengths.of(Views.translate(Images.mask(mask, w, h), x0, y0));
    }

    boolean has(int x, int y) {
      return x >= x0 && x < x0 + w && y >= y0 && y < y0 + h && mask[(y - y0) * w + x - x0];
    }

    void assertBox() {
      long[] box = {99, 99, -99, -99};
      for (int i = 0; i < mask.length; i++) {
        if (mask[i]) {
          box[0] = Math.min(box[0], x0 + i % w);
          box[1] = Math.min(box[1], y0 + i / w);
          box[2] = Math.max(box[2], x0 + i % w);
          box[3] = Math.max(box[3], y0 + i / w);
        }
      }
      assertEquals(box[0] == 99, runs.box().isEmpty());
      runs.box()
          .ifPresent(b -> assertEquals(FinalInterval.createMinMax(box), new FinalInterval(b)));
    }
  }
}
