package io.github.microsam.label;

import java.util.Arrays;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.view.Views;

/** Objects of a label image as a stack of masks. */
public final class OneHot {
  private OneHot() {}

  /**
   * One mask for each of some ids, in the order in which they are given. Python users: the
   * reference sorts them, and has an axis of length 1 after the first.
   *
   * @param labels label image of one to three axes
   * @param ids the objects, none of them 0
   * @return masks along an additional last axis; an id that no pixel has gives an empty mask
   * @throws IllegalArgumentException for no ids, id 0, and label images with ids below 0 or above
   *     2<sup>32</sup> − 1
   */
  public static RandomAccessibleInterval<NativeBoolType> of(
      RandomAccessibleInterval<? extends IntegerType<?>> labels, long... ids) {
    if (ids.length == 0 || Arrays.stream(ids).anyMatch(id -> id == 0)) {
      throw new IllegalArgumentException(
          "masks of the ids " + Arrays.toString(ids) + "; at least one, and not background (0)");
    }
    int[] pixels = Pixels.ids(labels);
    boolean[] masks = new boolean[Math.multiplyExact(ids.length, pixels.length)];
    for (int n = 0; n < ids.length; n++) {
      int start = n * pixels.length;
      long id = ids[n];
      Chunks.forEach(
          pixels.length,
          1 << 16,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              masks[start + i] = Integer.toUnsignedLong(pixels[i]) == id;
            }
          });
    }
    int axes = labels.numDimensions();
    long[] size = Arrays.copyOf(labels.dimensionsAsLongArray(), axes + 1);
    size[axes] = ids.length;
    RandomAccessibleInterval<NativeBoolType> image = ArrayImgs.booleans(masks, size);
    return Views.isZeroMin(labels)
        ? image
        : Views.translate(image, Arrays.copyOf(labels.minAsLongArray(), axes + 1));
  }
}
