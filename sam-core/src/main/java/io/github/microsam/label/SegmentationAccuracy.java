package io.github.microsam.label;

import java.util.List;
import java.util.stream.IntStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;

/**
 * Mean segmentation accuracy (mSA): the mean over IoU thresholds of TP / (TP + FP + FN), {@code
 * elf.evaluation.mean_segmentation_accuracy}. Of two images without objects it is 0, as there.
 *
 * @param mean the mean
 * @param thresholds the IoU thresholds
 * @param accuracies segmentation accuracy at each
 */
public record SegmentationAccuracy(double mean, List<Double> thresholds, List<Double> accuracies) {

  /**
   * 0.5, 0.55, … 0.95 with the rounding of NumPy's {@code arange}: the sixth, for SA75, is
   * 0.7500000000000002.
   */
  private static final List<Double> THRESHOLDS =
      IntStream.range(0, 10).mapToObj(i -> 0.5 + i * ((0.5 + 0.05) - 0.5)).toList();

  /**
   * At the thresholds 0.5 to 0.95 in steps of 0.05.
   *
   * @param predicted label image of one to three axes
   * @param truth label image of the same size
   * @return the accuracies
   * @throws IllegalArgumentException for images of different size, and for ids below 0 or above
   *     2<sup>32</sup> − 1
   */
  public static SegmentationAccuracy of(
      RandomAccessibleInterval<? extends IntegerType<?>> predicted,
      RandomAccessibleInterval<? extends IntegerType<?>> truth) {
    return of(LabelOverlap.of(predicted, truth), THRESHOLDS);
  }

  /**
   * At given thresholds.
   *
   * @param overlap the overlaps of prediction and truth
   * @param thresholds IoU thresholds, above 0, at least one
   * @return the accuracies
   * @throws IllegalArgumentException for no threshold or one that is not above 0
   */
  public static SegmentationAccuracy of(LabelOverlap overlap, List<Double> thresholds) {
    if (thresholds.isEmpty()) {
      throw new IllegalArgumentException("no thresholds; give at least one");
    }
    List<Double> accuracies =
        thresholds.stream()
            .map(t -> Matching.of(overlap, t, MatchCriterion.IOU).segmentationAccuracy())
            .toList();
    double mean = accuracies.stream().mapToDouble(a -> a).average().orElseThrow();
    return new SegmentationAccuracy(mean, List.copyOf(thresholds), accuracies);
  }
}
