package io.github.microsam.prompt;

import io.github.microsam.label.BoundaryMode;
import io.github.microsam.label.DistanceTransform;
import io.github.microsam.label.GaussianFilter;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * Box, points and logits from a mask of an object (micro_sam/prompt_based_segmentation.py: {@code
 * _process_box}, {@code _compute_points_from_mask}, {@code _compute_logits_from_mask}).
 */
final class MaskDerivation {
  /** Standard deviation in pixels with which distances are smoothed. */
  private static final double SMOOTHING = 1;

  private static final int INSIDE_SPACING = 3;
  private static final int OUTSIDE_SPACING = 5;

  private MaskDerivation() {}

  static Prompt derive(MaskPixels mask, MaskPromptOptions options) {
    int[] box = extend(mask.bounds(), options.boxExtension(), mask.width(), mask.height());
    List<Prompt> parts = new ArrayList<>();
    if (options.points() != MaskPromptOptions.Points.NONE) {
      boolean onlyCenter = options.points() == MaskPromptOptions.Points.CENTER;
      parts.add(Prompt.points(points(mask, box, onlyCenter)));
    }
    if (options.box()) {
      parts.add(Prompt.box(box[0], box[1], box[2], box[3]));
    }
    if (options.logits()) {
      parts.add(Prompt.mask(MaskLogits.of(mask, options.logitsSide())));
    }
    return parts.stream().reduce(Prompt::and).orElseThrow();
  }

  /** Extends a box on all sides, within the image; rounds half to even, as NumPy does. */
  static int[] extend(int[] box, double extension, int width, int height) {
    boolean fraction = extension < 1;
    double x = fraction ? extension * (box[2] - box[0]) : extension;
    double y = fraction ? extension * (box[3] - box[1]) : extension;
    return new int[] {
      (int) Math.rint(Math.max(box[0] - x, 0)),
      (int) Math.rint(Math.max(box[1] - y, 0)),
      (int) Math.rint(Math.min(box[2] + x, width)),
      (int) Math.rint(Math.min(box[3] + y, height))
    };
  }

  private static List<Prompt.Point> points(MaskPixels mask, int[] box, boolean onlyCenter) {
    MaskPixels crop = mask.crop(box[0], box[1], box[2], box[3]);
    int width = crop.width();
    boolean[] object = crop.pixels();
    float[] inside = distances(crop);
    float[] outside = inside.clone();
    for (int i = 0; i < object.length; i++) {
      (object[i] ? outside : inside)[i] = 0;
    }
    List<Integer> positive =
        onlyCenter
            ? List.of(LocalMaxima.largest(inside))
            : LocalMaxima.find(inside, width, INSIDE_SPACING);
    List<Integer> negative =
        onlyCenter ? List.of() : LocalMaxima.find(outside, width, OUTSIDE_SPACING);
    List<Prompt.Point> points = new ArrayList<>();
    positive.forEach(i -> points.add(point(i, width, box, true)));
    negative.forEach(i -> points.add(point(i, width, box, false)));
    return points;
  }

  private static Prompt.Point point(int index, int width, int[] box, boolean positive) {
    return new Prompt.Point(box[0] + index % width, box[1] + index / width, positive);
  }

  /**
   * Smoothed distance of each pixel to the pixels around the object. An object that fills its box
   * has none there; then, where the reference's distances mean nothing, they are those to the
   * outside of the box.
   */
  private static float[] distances(MaskPixels crop) {
    byte[] ids = new byte[crop.width() * crop.height()];
    boolean[] object = crop.pixels();
    boolean full = true;
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (byte) (object[i] ? 1 : 0);
      full &= object[i];
    }
    RandomAccessibleInterval<UnsignedByteType> labels =
        ArrayImgs.unsignedBytes(ids, crop.width(), crop.height());
    RandomAccessibleInterval<FloatType> distances =
        full
            ? Views.interval(
                DistanceTransform.toBoundary(Views.expandZero(labels, 1, 1), BoundaryMode.OUTER),
                labels)
            : DistanceTransform.toBoundary(labels, BoundaryMode.OUTER);
    float[] smooth = new float[ids.length];
    Cursor<FloatType> cursor =
        Views.flatIterable(GaussianFilter.smooth(distances, SMOOTHING)).cursor();
    for (int i = 0; i < smooth.length; i++) {
      smooth[i] = cursor.next().get();
    }
    return smooth;
  }
}
