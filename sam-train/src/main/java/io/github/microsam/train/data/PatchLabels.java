package io.github.microsam.train.data;

import io.github.microsam.label.ConnectedComponents;
import io.github.microsam.label.Connectivity;
import io.github.microsam.label.SequentialLabels;
import java.util.HashMap;
import java.util.Map;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;

/** What cutting does to labels: objects fall into pieces, and pieces become too small. */
final class PatchLabels {
  private PatchLabels() {}

  /**
   * Every piece (8 neighbours) of at least so many pixels as an object of its own, 1, 2, 3… in
   * raster order; the others become background.
   */
  static int[] separated(int[] labels, int width, int height, int minSize) {
    RandomAccessibleInterval<UnsignedIntType> pieces =
        SequentialLabels.removeSmall(
            ConnectedComponents.ofLabels(
                ArrayImgs.unsignedInts(labels, width, height), Connectivity.FULL),
            minSize);
    int[] out = new int[labels.length];
    Cursor<UnsignedIntType> cursor = Views.flatIterable(pieces).cursor();
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().getInt();
    }
    return out;
  }

  /** Pixels by id, background left out. */
  static Map<Integer, Integer> sizes(int[] labels) {
    Map<Integer, Integer> sizes = new HashMap<>();
    int i = 0;
    while (i < labels.length) {
      int id = labels[i];
      int first = i;
      while (i < labels.length && labels[i] == id) {
        i++;
      }
      if (id != 0) {
        sizes.merge(id, i - first, Integer::sum);
      }
    }
    return sizes;
  }

  /** Number of labels that have at least so many pixels. */
  static int countObjects(int[] labels, int minSize) {
    int count = 0;
    for (int size : sizes(labels).values()) {
      count += size >= minSize ? 1 : 0;
    }
    return count;
  }
}
