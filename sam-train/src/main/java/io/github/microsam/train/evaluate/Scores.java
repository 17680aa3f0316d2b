package io.github.microsam.train.evaluate;

import io.github.microsam.label.LabelOverlap;
import io.github.microsam.label.MatchCriterion;
import io.github.microsam.label.Matching;
import io.github.microsam.label.SegmentationAccuracy;
import java.util.List;
import java.util.function.ToDoubleFunction;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;

/**
 * How well objects agree with the true ones, each from 0 to 1: segmentation accuracy TP / (TP + FP
 * + FN), and scores at an IoU of one half.
 *
 * @param msa mean segmentation accuracy over the IoU thresholds 0.5 to 0.95
 * @param sa50 segmentation accuracy at 0.5
 * @param sa75 segmentation accuracy at 0.75
 * @param precision matched among predicted objects
 * @param recall matched among true objects
 * @param f1 their harmonic mean
 */
public record Scores(
    double msa, double sa50, double sa75, double precision, double recall, double f1) {

  /**
   * Compares label images.
   *
   * @param predicted (x, y), 0 is background
   * @param truth of the same size
   * @return the scores; of two images without objects all are 0, as in the reference
   * @throws IllegalArgumentException for images of different size
   */
  public static Scores of(
      RandomAccessibleInterval<? extends IntegerType<?>> predicted,
      RandomAccessibleInterval<? extends IntegerType<?>> truth) {
    SegmentationAccuracy accuracy = SegmentationAccuracy.of(predicted, truth);
    Matching half = Matching.of(LabelOverlap.of(predicted, truth), 0.5, MatchCriterion.IOU);
    double tp = half.truePositives();
    return new Scores(
        accuracy.mean(),
        accuracy.accuracies().get(0),
        accuracy.accuracies().get(5),
        ratio(tp, tp + half.falsePositives()),
        ratio(tp, tp + half.falseNegatives()),
        ratio(2 * tp, 2 * tp + half.falsePositives() + half.falseNegatives()));
  }

  private static double ratio(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }

  /**
   * The mean over images, each of which counts the same.
   *
   * @param scores at least one
   * @return the mean
   * @throws IllegalArgumentException if there is none
   */
  public static Scores mean(List<Scores> scores) {
    if (scores.isEmpty()) {
      throw new IllegalArgumentException("the mean score of no image; give at least one");
    }
    return new Scores(
        mean(scores, Scores::msa),
        mean(scores, Scores::sa50),
        mean(scores, Scores::sa75),
        mean(scores, Scores::precision),
        mean(scores, Scores::recall),
        mean(scores, Scores::f1));
  }

  private static double mean(List<Scores> scores, ToDoubleFunction<Scores> part) {
    return scores.stream().mapToDouble(part).average().orElseThrow();
  }
}
