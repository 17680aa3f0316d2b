package io.github.microsam.label;

import java.util.Arrays;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.integer.UnsignedIntType;

/** Renumbers the objects of label images, and drops some. Linear in pixels. */
public final class SequentialLabels {
  private SequentialLabels() {}

  /**
   * Gives the objects the ids 1, 2, 3… in the order of their ids. Background stays 0.
   *
   * @param labels label image of one to three axes
   * @return label image over the same interval
   * @throws IllegalArgumentException for ids below 0 or above 2<sup>32</sup> − 1
   */
  public static RandomAccessibleInterval<UnsignedIntType> relabel(
      RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    return Pixels.labels(keep(Pixels.ids(labels), 0, false), labels);
  }

  /**
   * Turns objects of fewer pixels than a minimum to background and gives the others the ids 1, 2,
   * 3… in the order of their ids.
   *
   * @param labels label image of one to three axes
   * @param minSize smallest number of pixels that an object may have; 0 or 1 keeps all
   * @return label image over the same interval
   * @throws IllegalArgumentException for ids below 0 or above 2<sup>32</sup> − 1
   */
  public static RandomAccessibleInterval<UnsignedIntType> removeSmall(
      RandomAccessibleInterval<? extends IntegerType<?>> labels, long minSize) {
    return Pixels.labels(keep(Pixels.ids(labels), minSize, false), labels);
  }

  /**
   * Renumbers what is large enough.
   *
   * @param dropLargest whether the region with most pixels goes as well, where background is a
   *     region like the others and of equals the one with the lowest id goes
   */
  static int[] keep(int[] ids, long minSize, boolean dropLargest) {
    LongIndex index = new LongIndex();
    int[] numbers = new int[ids.length];
    long[] size = count(ids, index, numbers);
    int[] order = index.sorted();
    int largest = -1;
    for (int object : order) {
      largest = largest < 0 || size[object] > size[largest] ? object : largest;
    }
    int[] renamed = new int[index.count()];
    int count = 0;
    for (int object : order) {
      boolean kept =
          index.key(object) != 0 && size[object] >= minSize && !(dropLargest && object == largest);
      renamed[object] = kept ? ++count : 0;
    }
    Chunks.forEach(
        ids.length,
        1 << 16,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            numbers[i] = renamed[numbers[i]];
          }
        });
    return numbers;
  }

  /** Pixels of each id, background among them; also the number of each pixel's id. */
  private static long[] count(int[] ids, LongIndex index, int[] numbers) {
    long[] size = new long[16];
    int i = 0;
    while (i < ids.length) {
      int id = ids[i];
      int number = index.add(Integer.toUnsignedLong(id));
      if (number == size.length) {
        size = Arrays.copyOf(size, 2 * number);
      }
      int first = i;
      while (i < ids.length && ids[i] == id) {
        numbers[i++] = number;
      }
      size[number] += i - first;
    }
    return size;
  }
}
