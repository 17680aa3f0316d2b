package io.github.microsam.train.synthetic;

import io.github.microsam.image.EightBitImage;
import io.github.microsam.label.ConnectedComponents;
import io.github.microsam.label.Connectivity;
import io.github.microsam.label.SequentialLabels;
import io.github.microsam.train.data.LabelledPlane;
import io.github.microsam.train.data.StableRandom;
import net.imglib2.Cursor;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;

/**
 * Makes synthetic microscopy with exact labels.
 *
 * <pre>{@code
 * LabelledPlane nuclei = SyntheticCells.generate(SyntheticOptions.of(SyntheticKind.NUCLEI), 1);
 * }</pre>
 *
 * <p>Labels are what is visible: of overlapping objects the upper one has the pixels, and pieces of
 * the lower one are objects of their own where they are large enough. Objects are numbered 1, 2, 3…
 * in raster order. The same options and seed give the same image on every machine; 512 × 512 pixels
 * take some tenths of a second. Stateless.
 */
public final class SyntheticCells {
  /** Smaller pieces of objects are background: nobody would see an object there. */
  private static final int SMALLEST = 12;

  private SyntheticCells() {}

  /**
   * Makes an image.
   *
   * @param options what it shows
   * @param seed another number gives another image
   * @return image of one channel, or three for tissue, and its labels
   */
  public static LabelledPlane generate(SyntheticOptions options, long seed) {
    StableRandom random = StableRandom.of(seed, options.kind().name().hashCode());
    Canvas canvas = new Canvas(options.width(), options.height());
    float[][] layers = Scene.of(options.kind()).paint(canvas, options, random);
    EightBitImage image = new Camera(canvas, options.optics(), random).take(layers);
    return new LabelledPlane(image, visible(canvas));
  }

  private static int[] visible(Canvas canvas) {
    Cursor<UnsignedIntType> cursor =
        Views.flatIterable(
                SequentialLabels.removeSmall(
                    ConnectedComponents.ofLabels(
                        ArrayImgs.unsignedInts(canvas.labels, canvas.width, canvas.height),
                        Connectivity.FULL),
                    SMALLEST))
            .cursor();
    int[] labels = new int[canvas.labels.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = cursor.next().getInt();
    }
    return labels;
  }
}
