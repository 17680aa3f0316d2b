package io.github.microsam.segment;

import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.img.basictypeaccess.array.FloatArray;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/** Values of maps in raster order. */
final class FloatPlane {
  private FloatPlane() {}

  /** The values, which may be the image's own: to be read only. */
  static float[] values(RandomAccessibleInterval<FloatType> map) {
    if (map instanceof ArrayImg<?, ?> img && img.update(null) instanceof FloatArray array) {
      return array.getCurrentStorageArray();
    }
    float[] out = new float[Math.toIntExact(map.size())];
    Cursor<FloatType> cursor = Views.flatIterable(map).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().get();
    }
    return out;
  }

  /** Which values are above a threshold, compared in single precision as the reference does. */
  static boolean[] above(RandomAccessibleInterval<FloatType> map, double threshold) {
    float[] values = values(map);
    float limit = (float) threshold;
    boolean[] out = new boolean[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i] > limit;
    }
    return out;
  }

  /** Clears those pixels of a mask that are not below a threshold. */
  static void keepBelow(RandomAccessibleInterval<FloatType> map, double threshold, boolean[] mask) {
    float[] values = values(map);
    float limit = (float) threshold;
    for (int i = 0; i < mask.length; i++) {
      mask[i] &= values[i] < limit;
    }
  }
}
