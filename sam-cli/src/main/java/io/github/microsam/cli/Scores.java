package io.github.microsam.cli;

import io.github.microsam.image.ImageException;
import io.github.microsam.io.LabelFile;
import io.github.microsam.label.ConnectedComponents;
import io.github.microsam.label.Connectivity;
import io.github.microsam.label.Matching;
import io.github.microsam.label.SegmentationAccuracy;
import java.util.Arrays;
import java.util.List;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.integer.UnsignedIntType;

/**
 * How well one label image agrees with the truth.
 *
 * @param name of the image
 * @param values in the order of {@link #NAMES}
 * @param predicted number of predicted objects
 * @param truth number of true objects
 */
record Scores(String name, List<Double> values, int predicted, int truth) {
  static final List<String> NAMES = List.of("mSA", "SA50", "SA75", "precision", "recall", "F1");
  private static final int SA75 = 5;

  static Scores of(LabelPairs.Pair pair, boolean splitTruth) {
    RandomAccessibleInterval<UnsignedIntType> predicted = LabelFile.read(pair.predicted());
    RandomAccessibleInterval<UnsignedIntType> truth = LabelFile.read(pair.truth());
    if (!Arrays.equals(predicted.dimensionsAsLongArray(), truth.dimensionsAsLongArray())) {
      throw new ImageException(
          "%s has the size %s, expected that of %s: %s"
              .formatted(
                  pair.predicted(),
                  Arrays.toString(predicted.dimensionsAsLongArray()),
                  pair.truth(),
                  Arrays.toString(truth.dimensionsAsLongArray())));
    }
    return of(pair.name(), predicted, splitTruth ? parts(truth) : truth);
  }

  private static Scores of(
      String name,
      RandomAccessibleInterval<? extends IntegerType<?>> predicted,
      RandomAccessibleInterval<? extends IntegerType<?>> truth) {
    SegmentationAccuracy accuracy = SegmentationAccuracy.of(predicted, truth);
    Matching matching = Matching.of(predicted, truth);
    int matched = matching.truePositives();
    return new Scores(
        name,
        List.of(
            accuracy.mean(),
            accuracy.accuracies().get(0),
            accuracy.accuracies().get(SA75),
            matching.precision(),
            matching.recall(),
            matching.f1()),
        matched + matching.falsePositives(),
        matched + matching.falseNegatives());
  }

  private static RandomAccessibleInterval<? extends IntegerType<?>> parts(
      RandomAccessibleInterval<UnsignedIntType> labels) {
    return ConnectedComponents.ofLabels(labels, Connectivity.FULL);
  }
}
