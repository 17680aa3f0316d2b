package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.Test;

class MatchingTest {

  @Test
  void matchingIsTheBestOfAll() {
    Random random = new Random(14);
    for (int round = 0; round < 200; round++) {
      int[] predicted = Images.randomIds(random, 5, 6, 14, 14);
      int[] truth = Images.randomIds(random, 5, 6, 14, 14);
      LabelOverlap overlap =
          LabelOverlap.of(ArrayImgs.ints(predicted, 14, 14), ArrayImgs.ints(truth, 14, 14));
      for (MatchCriterion criterion : MatchCriterion.values()) {
        double threshold = 0.02 + 0.5 * random.nextDouble();
        Matching actual = Matching.of(overlap, threshold, criterion);
        double n = Math.max(1, Math.min(overlap.predictedCount(), overlap.truthCount()));
        double best = best(overlap, threshold, criterion, 0, new HashSet<>(), n, 1);
        double sum =
            actual.pairs().stream().mapToDouble(p -> 1 + p.score(criterion) / (2 * n)).sum();
        assertEquals(best, sum, 1e-9, "round " + round + " " + criterion + " at " + threshold);
        assertEquals(actual.truePositives(), actual.pairs().size());
        assertEquals(overlap.predictedCount(), actual.truePositives() + actual.falsePositives());
        assertEquals(overlap.truthCount(), actual.truePositives() + actual.falseNegatives());
      }
    }
  }

  /** Tries every true object for each predicted one. */
  private static double best(
      LabelOverlap overlap,
      double threshold,
      MatchCriterion criterion,
      double sum,
      Set<Long> taken,
      double n,
      int predicted) {
    if (predicted > 5) {
      return sum;
    }
    double best = best(overlap, threshold, criterion, sum, taken, n, predicted + 1);
    for (LabelOverlap.Pair pair : overlap.pairs()) {
      double score = pair.score(criterion);
      if (pair.predicted() == predicted && score >= threshold && taken.add(pair.truth())) {
        double gain = 1 + score / (2 * n);
        best =
            Math.max(
                best, best(overlap, threshold, criterion, sum + gain, taken, n, predicted + 1));
        taken.remove(pair.truth());
      }
    }
    return best;
  }

  @Test
  void assignmentIsTheCheapestOfAllPermutations() {
    Random random = new Random(15);
    for (int round = 0; round < 300; round++) {
      int rows = 1 + random.nextInt(6);
      int columns = 1 + random.nextInt(6);
      double[][] cost = new double[rows][columns];
      for (double[] row : cost) {
        for (int c = 0; c < columns; c++) {
          row[c] = random.nextInt(10) - 5;
        }
      }
      int[] column = Assignment.minimize(cost);
      double sum = 0;
      int assigned = 0;
      HashSet<Integer> used = new HashSet<>();
      for (int r = 0; r < rows; r++) {
        if (column[r] >= 0) {
          sum += cost[r][column[r]];
          assigned++;
          assertEquals(true, used.add(column[r]));
        }
      }
      assertEquals(Math.min(rows, columns), assigned);
      assertEquals(cheapest(cost, 0, new boolean[columns], rows - Math.min(rows, columns)), sum);
    }
  }

  private static double cheapest(double[][] cost, int row, boolean[] used, int skips) {
    if (row == cost.length) {
      return 0;
    }
    double best = skips > 0 ? cheapest(cost, row + 1, used, skips - 1) : Double.POSITIVE_INFINITY;
    for (int c = 0; c < used.length; c++) {
      if (!used[c]) {
        used[c] = true;
        best = Math.min(best, cost[row][c] + cheapest(cost, row + 1, used, skips));
        used[c] = false;
      }
    }
    return best;
  }

  @Test
  void criteriaDivideByTheObjectsTheyName() {
    // The prediction covers half of the truth and nothing else.
    var predicted = Images.labels(6, 0, 3, 3, 0, 0, 0);
    var truth = Images.labels(6, 0, 8, 8, 8, 8, 0);
    LabelOverlap.Pair pair = LabelOverlap.of(predicted, truth).pairs().get(0);
    assertEquals(0.5, pair.score(MatchCriterion.IOU));
    assertEquals(1.0, pair.score(MatchCriterion.IOP));
    assertEquals(0.5, pair.score(MatchCriterion.IOT));
    assertEquals(1.0, Matching.of(predicted, truth).f1(), "IoU 0.5 reaches the threshold 0.5");
  }

  @Test
  void imagesWithoutObjectsScoreZero() {
    var empty = ArrayImgs.ints(4, 4);
    assertEquals(0, SegmentationAccuracy.of(empty, empty).mean());
    assertEquals(0, Matching.of(empty, empty).precision());
    assertThrows(
        IllegalArgumentException.class,
        () -> SegmentationAccuracy.of(LabelOverlap.of(empty, empty), List.of()));
    assertThrows(
        IllegalArgumentException.class, () -> LabelOverlap.of(empty, ArrayImgs.ints(4, 5)));
  }
}
