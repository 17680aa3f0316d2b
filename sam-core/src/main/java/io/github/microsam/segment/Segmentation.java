package io.github.microsam.segment;

import io.github.microsam.label.MaskMerging;
import io.github.microsam.label.MaskMergingOptions;
import io.github.microsam.label.RunLengths;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.imglib2.Interval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.integer.UnsignedIntType;

/**
 * Objects of an image.
 *
 * @param labels label image, (x, y), or (x, y, z) for a stack; 0 is background, objects have the
 *     ids 1, 2, 3…
 * @param count number of objects, which is the largest id
 * @param iouPredictions how well the model expects the object of an id to fit, about 0 to 1; empty
 *     where objects are no predicted masks, as in AIS
 */
public record Segmentation(
    RandomAccessibleInterval<UnsignedIntType> labels, int count, Map<Long, Double> iouPredictions) {

  /**
   * Copies the predictions.
   *
   * @param labels label image
   * @param count number of objects
   * @param iouPredictions by id
   */
  public Segmentation {
    iouPredictions = Map.copyOf(iouPredictions);
  }

  /** Objects that are painted masks. */
  static Segmentation of(List<MaskCandidate> masks, Interval image, MaskMergingOptions options) {
    List<RunLengths> runs = masks.stream().map(MaskCandidate::mask).toList();
    MaskMerging.Merged merged = MaskMerging.merge(runs, image, options);
    Map<Long, Double> iou = new LinkedHashMap<>();
    for (int i = 0; i < merged.masks().size(); i++) {
      iou.put(i + 1L, (double) masks.get(merged.masks().get(i)).iouPrediction());
    }
    return new Segmentation(merged.labels(), merged.masks().size(), iou);
  }

  /** Objects of a label image. */
  static Segmentation of(RandomAccessibleInterval<UnsignedIntType> labels) {
    int[] most = {0};
    labels.forEach(id -> most[0] = Math.max(most[0], id.getInt()));
    return new Segmentation(labels, most[0], Map.of());
  }
}
