package io.github.microsam.train.data;

import io.github.microsam.label.BoundaryMode;
import io.github.microsam.label.FindBoundaries;
import net.imglib2.Cursor;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.view.Views;

/**
 * Foreground and boundaries, pixels on both sides of an edge: torch-em's {@code
 * BoundaryTransform(add_binary_target=True)}, which the paper compares distances with.
 */
public record BoundaryTargets() implements TrainingTargets {

  @Override
  public int channels() {
    return 2;
  }

  @Override
  public float[] of(int[] labels, int width, int height) {
    Cursor<NativeBoolType> boundary =
        Views.flatIterable(
                FindBoundaries.of(
                    ArrayImgs.unsignedInts(labels, width, height), BoundaryMode.THICK))
            .cursor();
    float[] out = new float[2 * labels.length];
    for (int i = 0; i < labels.length; i++) {
      out[i] = labels[i] == 0 ? 0 : 1;
      out[labels.length + i] = boundary.next().get() ? 1 : 0;
    }
    return out;
  }
}
