package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.microsam.golden.NpyArray;
import java.util.Arrays;
import java.util.Random;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.BooleanType;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.IntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/** Images of the tests, from fixtures and by chance, and comparisons that say where they differ. */
final class Images {
  private Images() {}

  static RandomAccessibleInterval<IntType> labels(NpyArray array) {
    return ArrayImgs.ints(array.ints(), size(array));
  }

  static RandomAccessibleInterval<FloatType> values(NpyArray array) {
    return ArrayImgs.floats(array.floats(), size(array));
  }

  /** NumPy's shape from the last axis to the first is ImgLib2's size. */
  static long[] size(NpyArray array) {
    long[] size = new long[array.shape().length];
    Arrays.setAll(size, d -> array.shape()[size.length - 1 - d]);
    return size;
  }

  static RandomAccessibleInterval<IntType> labels(int width, int... ids) {
    return ArrayImgs.ints(ids, width, ids.length / width);
  }

  static RandomAccessibleInterval<NativeBoolType> mask(boolean[] mask, long... size) {
    return ArrayImgs.booleans(mask, size);
  }

  /** A mask drawn with '#'. */
  static RandomAccessibleInterval<NativeBoolType> mask(String... rows) {
    int width = rows[0].length();
    boolean[] mask = new boolean[width * rows.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = rows[i / width].charAt(i % width) == '#';
    }
    return ArrayImgs.booleans(mask, width, rows.length);
  }

  /** Pixels of random ids 0 to {@code ids}, in patches that grow with {@code patch}. */
  static int[] randomIds(Random random, int ids, int patch, long... size) {
    int w = (int) size[0];
    int h = size.length > 1 ? (int) size[1] : 1;
    int d = size.length > 2 ? (int) size[2] : 1;
    int[] out = new int[w * h * d];
    for (int i = 0; i < out.length / patch + 1; i++) {
      int id = random.nextInt(ids + 1);
      int x0 = random.nextInt(w);
      int y0 = random.nextInt(h);
      int z0 = random.nextInt(d);
      for (int z = z0; z < Math.min(d, z0 + 1 + random.nextInt(patch)); z++) {
        for (int y = y0; y < Math.min(h, y0 + 1 + random.nextInt(patch)); y++) {
          for (int x = x0; x < Math.min(w, x0 + 1 + random.nextInt(patch)); x++) {
            out[x + w * (y + h * z)] = id;
          }
        }
      }
    }
    return out;
  }

  static boolean[] randomMask(Random random, double density, int count) {
    boolean[] out = new boolean[count];
    for (int i = 0; i < count; i++) {
      out[i] = random.nextDouble() < density;
    }
    return out;
  }

  static int[] ids(RandomAccessibleInterval<? extends IntegerType<?>> image) {
    int[] out = new int[(int) image.size()];
    Cursor<? extends IntegerType<?>> cursor = Views.flatIterable(image).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = (int) cursor.next().getIntegerLong();
    }
    return out;
  }

  static float[] floats(RandomAccessibleInterval<? extends RealType<?>> image) {
    float[] out = new float[(int) image.size()];
    Cursor<? extends RealType<?>> cursor = Views.flatIterable(image).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().getRealFloat();
    }
    return out;
  }

  static int[] bits(RandomAccessibleInterval<? extends BooleanType<?>> image) {
    int[] out = new int[(int) image.size()];
    Cursor<? extends BooleanType<?>> cursor = Views.flatIterable(image).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().get() ? 1 : 0;
    }
    return out;
  }

  static void assertSame(String what, int[] expected, int[] actual, int width) {
    if (expected.length != actual.length) {
      fail(what + ": " + actual.length + " pixels instead of " + expected.length);
    }
    int different = 0;
    int first = -1;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != actual[i]) {
        first = different++ == 0 ? i : first;
      }
    }
    if (different > 0) {
      fail(
          "%s: %d of %d pixels differ, first at row %d, x %d: %d instead of %d"
              .formatted(
                  what,
                  different,
                  expected.length,
                  first / width,
                  first % width,
                  actual[first],
                  expected[first]));
    }
  }

  static void assertSame(
      String what, NpyArray expected, RandomAccessibleInterval<? extends IntegerType<?>> actual) {
    assertArrayEquals(size(expected), actual.dimensionsAsLongArray(), what + ": size");
    assertSame(what, expected.ints(), ids(actual), (int) actual.dimension(0));
  }
}
