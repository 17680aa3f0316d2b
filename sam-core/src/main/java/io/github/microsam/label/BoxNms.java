package io.github.microsam.label;

import java.util.List;
import net.imglib2.RealInterval;

/**
 * Greedy non-maximum suppression of boxes by intersection over union: {@code torchvision.ops.nms},
 * in float32 as there.
 *
 * <p>A box's sides are its maximum − its minimum, for integer intervals as well: SAM's boxes, which
 * end with their last pixel, go in as they are and count one pixel less a side, as in the
 * reference.
 */
public final class BoxNms {
  private BoxNms() {}

  /**
   * Selects boxes.
   *
   * @param boxes the boxes, all of the same number of axes
   * @param scores one a box, higher is better; of equals the earlier box is better, and NaN is
   *     best, as PyTorch sorts it
   * @param threshold a box goes where its IoU with a better box that stays is greater. Two boxes
   *     without area have IoU NaN and both stay.
   * @return indices of the boxes that stay, best first
   * @throws IllegalArgumentException where there is not one score a box, or boxes differ in axes
   */
  public static int[] keep(List<? extends RealInterval> boxes, float[] scores, double threshold) {
    if (boxes.size() != scores.length) {
      throw new IllegalArgumentException(boxes.size() + " boxes and " + scores.length + " scores");
    }
    if (boxes.isEmpty()) {
      return new int[0];
    }
    int axes = boxes.get(0).numDimensions();
    float[] bounds = new float[2 * axes * boxes.size()];
    float[] area = new float[boxes.size()];
    for (int i = 0; i < area.length; i++) {
      RealInterval box = boxes.get(i);
      if (box.numDimensions() != axes) {
        throw new IllegalArgumentException(
            "box " + i + " has " + box.numDimensions() + " axes, box 0 has " + axes);
      }
      area[i] = 1;
      for (int d = 0; d < axes; d++) {
        float min = (float) box.realMin(d);
        float max = (float) box.realMax(d);
        bounds[2 * (axes * i + d)] = min;
        bounds[2 * (axes * i + d) + 1] = max;
        area[i] *= max - min;
      }
    }
    return GreedySelection.keep(
        scores,
        (kept, candidate) -> {
          float intersection = intersection(bounds, axes, kept, candidate);
          return intersection / (area[kept] + area[candidate] - intersection) > threshold;
        });
  }

  private static float intersection(float[] bounds, int axes, int a, int b) {
    float product = 1;
    for (int d = 0; d < axes; d++) {
      int i = 2 * (axes * a + d);
      int j = 2 * (axes * b + d);
      float side = Math.min(bounds[i + 1], bounds[j + 1]) - Math.max(bounds[i], bounds[j]);
      product *= Math.max(0, side);
    }
    return product;
  }
}
