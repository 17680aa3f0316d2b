package io.github.microsam.train.data;

import io.github.microsam.label.PerObjectDistanceOptions;
import io.github.microsam.label.PerObjectDistances;
import net.imglib2.Cursor;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * The targets of the UNETR decoder: foreground, distance to the object's centre and inverted
 * distance to its boundary, both from 0 to 1 and 1 outside of objects ({@link PerObjectDistances}).
 *
 * @param minSize objects of fewer pixels become background, 25 in the reference
 */
public record DistanceTargets(int minSize) implements TrainingTargets {

  @Override
  public int channels() {
    return 3;
  }

  @Override
  public float[] of(int[] labels, int width, int height) {
    PerObjectDistanceOptions options =
        PerObjectDistanceOptions.defaults().withInstances(false).withMinSize(minSize);
    Cursor<FloatType> cursor =
        Views.flatIterable(
                PerObjectDistances.of(ArrayImgs.unsignedInts(labels, width, height), options))
            .cursor();
    float[] out = new float[3 * labels.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().get();
    }
    return out;
  }
}
