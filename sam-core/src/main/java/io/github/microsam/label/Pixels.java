package io.github.microsam.label;

import java.util.Arrays;
import net.imglib2.Cursor;
import net.imglib2.Interval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.img.basictypeaccess.array.BooleanArray;
import net.imglib2.img.basictypeaccess.array.FloatArray;
import net.imglib2.img.basictypeaccess.array.IntArray;
import net.imglib2.type.BooleanType;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * Pixels of ImgLib2 images as arrays in raster order, and back. The arrays may be the image's own:
 * they are read only.
 */
final class Pixels {
  private static final int GRAIN = 1 << 16;
  private static final long LARGEST_ID = 0xffffffffL;

  private Pixels() {}

  /** Ids as unsigned ints. */
  static int[] ids(RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    if (labels instanceof ArrayImg<?, ?> img
        && img.getType() instanceof UnsignedIntType
        && img.update(null) instanceof IntArray array) {
      return array.getCurrentStorageArray();
    }
    int[] out = new int[Grid.of(labels).size()];
    Chunks.forEach(
        out.length,
        GRAIN,
        (from, to) -> {
          Cursor<? extends IntegerType<?>> cursor = cursorAt(labels, from);
          for (int i = from; i < to; i++) {
            out[i] = id(cursor.next().getIntegerLong(), cursor);
          }
        });
    return out;
  }

  private static int id(long id, Cursor<?> at) {
    if (id < 0 || id > LARGEST_ID) {
      throw new IllegalArgumentException(
          "label "
              + id
              + " at "
              + Arrays.toString(at.positionAsLongArray())
              + "; ids are 0 (background) to 2^32 − 1");
    }
    return (int) id;
  }

  static float[] values(RandomAccessibleInterval<? extends RealType<?>> image) {
    if (image instanceof ArrayImg<?, ?> img
        && img.getType() instanceof FloatType
        && img.update(null) instanceof FloatArray array) {
      return array.getCurrentStorageArray();
    }
    float[] out = new float[Grid.of(image).size()];
    Chunks.forEach(
        out.length,
        GRAIN,
        (from, to) -> {
          Cursor<? extends RealType<?>> cursor = cursorAt(image, from);
          for (int i = from; i < to; i++) {
            out[i] = cursor.next().getRealFloat();
          }
        });
    return out;
  }

  static boolean[] mask(RandomAccessibleInterval<? extends BooleanType<?>> mask) {
    if (mask instanceof ArrayImg<?, ?> img
        && img.getType() instanceof NativeBoolType
        && img.update(null) instanceof BooleanArray array) {
      return array.getCurrentStorageArray();
    }
    boolean[] out = new boolean[Grid.of(mask).size()];
    Chunks.forEach(
        out.length,
        GRAIN,
        (from, to) -> {
          Cursor<? extends BooleanType<?>> cursor = cursorAt(mask, from);
          for (int i = from; i < to; i++) {
            out[i] = cursor.next().get();
          }
        });
    return out;
  }

  private static <T> Cursor<T> cursorAt(RandomAccessibleInterval<T> image, int index) {
    Cursor<T> cursor = Views.flatIterable(image).cursor();
    cursor.jumpFwd(index);
    return cursor;
  }

  /** A label image over the interval of another image. */
  static RandomAccessibleInterval<UnsignedIntType> labels(int[] ids, Interval like) {
    return placed(ArrayImgs.unsignedInts(ids, like.dimensionsAsLongArray()), like);
  }

  static RandomAccessibleInterval<FloatType> values(float[] values, Interval like) {
    return placed(ArrayImgs.floats(values, like.dimensionsAsLongArray()), like);
  }

  static RandomAccessibleInterval<NativeBoolType> mask(boolean[] mask, Interval like) {
    return placed(ArrayImgs.booleans(mask, like.dimensionsAsLongArray()), like);
  }

  /** Moves an image that starts at the origin to the minimum of another. */
  static <T> RandomAccessibleInterval<T> placed(RandomAccessibleInterval<T> image, Interval like) {
    return Views.isZeroMin(like) ? image : Views.translate(image, like.minAsLongArray());
  }

  static void requireSameSize(Interval image, Interval other, String what) {
    if (!Arrays.equals(image.dimensionsAsLongArray(), other.dimensionsAsLongArray())) {
      throw new IllegalArgumentException(
          what
              + " is of size "
              + Arrays.toString(other.dimensionsAsLongArray())
              + ", the image of "
              + Arrays.toString(image.dimensionsAsLongArray()));
    }
  }
}
