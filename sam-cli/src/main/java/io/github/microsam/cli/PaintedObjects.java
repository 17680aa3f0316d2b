package io.github.microsam.cli;

import io.github.microsam.label.RunLengths;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.img.basictypeaccess.array.IntArray;
import net.imglib2.loops.LoopBuilder;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;

/**
 * Predicted masks in one label image: the mask of the prompt at index i has the value i + 1, and
 * smaller objects lie over larger ones, so that none disappears under its surroundings.
 *
 * @param labels the label image
 * @param areas pixels of each mask, also of those that others lie over
 */
record PaintedObjects(ArrayImg<UnsignedIntType, IntArray> labels, List<Long> areas) {

  static PaintedObjects of(List<RunLengths> masks, int width, int height) {
    List<Long> areas = masks.stream().map(RunLengths::area).toList();
    List<Integer> largestFirst = new ArrayList<>();
    for (int i = 0; i < areas.size(); i++) {
      if (areas.get(i) > 0) { // the frame of an empty mask may have no pixels
        largestFirst.add(i);
      }
    }
    largestFirst.sort(Comparator.comparing(i -> -areas.get(i)));
    ArrayImg<UnsignedIntType, IntArray> labels = ArrayImgs.unsignedInts(width, height);
    for (int i : largestFirst) {
      RandomAccessibleInterval<NativeBoolType> mask = masks.get(i).toMask();
      LoopBuilder.setImages(mask, Views.interval(labels, mask))
          .forEachPixel(
              (inside, label) -> {
                if (inside.get()) {
                  label.set(i + 1L);
                }
              });
    }
    return new PaintedObjects(labels, areas);
  }

  long area(int index) {
    return areas.get(index);
  }
}
