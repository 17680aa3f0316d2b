package io.github.microsam.label;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;

/**
 * One-to-one matching of predicted and true objects at a threshold, and the scores that follow:
 * {@code elf.evaluation.matching}. As many pairs as possible that reach the threshold, and among
 * such matchings one with the largest sum of scores (Hungarian algorithm, for each connected group
 * of overlapping objects by itself).
 *
 * @param pairs the matched objects
 * @param truePositives number of matched objects
 * @param falsePositives number of predicted objects without a match
 * @param falseNegatives number of true objects without a match
 */
public record Matching(
    List<LabelOverlap.Pair> pairs, int truePositives, int falsePositives, int falseNegatives) {

  /**
   * Matches by IoU of at least 0.5.
   *
   * @param predicted label image of one to three axes
   * @param truth label image of the same size
   * @return the matching
   * @throws IllegalArgumentException for images of different size, and for ids below 0 or above
   *     2<sup>32</sup> − 1
   */
  public static Matching of(
      RandomAccessibleInterval<? extends IntegerType<?>> predicted,
      RandomAccessibleInterval<? extends IntegerType<?>> truth) {
    return of(LabelOverlap.of(predicted, truth), 0.5, MatchCriterion.IOU);
  }

  /**
   * Matches objects whose overlaps were counted.
   *
   * @param overlap the overlaps
   * @param threshold smallest score of a match, above 0
   * @param criterion what is measured. (In elf the names iop and iot are exchanged.)
   * @return the matching
   * @throws IllegalArgumentException for a threshold that is not above 0
   */
  public static Matching of(LabelOverlap overlap, double threshold, MatchCriterion criterion) {
    if (!(threshold > 0)) {
      throw new IllegalArgumentException("threshold " + threshold + "; objects match above 0");
    }
    List<LabelOverlap.Pair> candidates =
        overlap.pairs().stream().filter(pair -> pair.score(criterion) >= threshold).toList();
    List<LabelOverlap.Pair> matched = new ArrayList<>();
    for (List<LabelOverlap.Pair> group : groups(candidates)) {
      matched.addAll(match(group, criterion));
    }
    int tp = matched.size();
    return new Matching(
        List.copyOf(matched), tp, overlap.predictedCount() - tp, overlap.truthCount() - tp);
  }

  /** Pairs that have objects in common, directly or through others, together. */
  private static List<List<LabelOverlap.Pair>> groups(List<LabelOverlap.Pair> pairs) {
    LongIndex predicted = new LongIndex();
    LongIndex truth = new LongIndex();
    int[] parent = new int[2 * pairs.size()];
    for (int i = 0; i < parent.length; i++) {
      parent[i] = i;
    }
    for (LabelOverlap.Pair pair : pairs) {
      int a = root(parent, predicted.add(pair.predicted()));
      int b = root(parent, pairs.size() + truth.add(pair.truth()));
      parent[Math.max(a, b)] = Math.min(a, b);
    }
    Map<Integer, List<LabelOverlap.Pair>> groups = new LinkedHashMap<>();
    for (LabelOverlap.Pair pair : pairs) {
      groups
          .computeIfAbsent(root(parent, predicted.add(pair.predicted())), r -> new ArrayList<>())
          .add(pair);
    }
    return List.copyOf(groups.values());
  }

  private static int root(int[] parent, int i) {
    int at = i;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  private static List<LabelOverlap.Pair> match(
      List<LabelOverlap.Pair> group, MatchCriterion criterion) {
    if (group.size() == 1) {
      return group;
    }
    LongIndex rows = new LongIndex();
    LongIndex columns = new LongIndex();
    for (LabelOverlap.Pair pair : group) {
      rows.add(pair.predicted());
      columns.add(pair.truth());
    }
    int n = Math.min(rows.count(), columns.count());
    LabelOverlap.Pair[][] pairs = new LabelOverlap.Pair[rows.count()][columns.count()];
    double[][] cost = new double[rows.count()][columns.count()];
    for (LabelOverlap.Pair pair : group) {
      int row = rows.add(pair.predicted());
      int column = columns.add(pair.truth());
      pairs[row][column] = pair;
      // One more match outweighs all scores together, which sum to at most n.
      cost[row][column] = -1 - pair.score(criterion) / (2 * n);
    }
    List<LabelOverlap.Pair> matched = new ArrayList<>();
    int[] assigned = Assignment.minimize(cost);
    for (int row = 0; row < assigned.length; row++) {
      if (assigned[row] >= 0 && pairs[row][assigned[row]] != null) {
        matched.add(pairs[row][assigned[row]]);
      }
    }
    return matched;
  }

  /**
   * Matched among predicted objects.
   *
   * @return TP / (TP + FP), 0 without a match
   */
  public double precision() {
    return ratio(truePositives + falsePositives);
  }

  /**
   * Matched among true objects.
   *
   * @return TP / (TP + FN), 0 without a match
   */
  public double recall() {
    return ratio(truePositives + falseNegatives);
  }

  /**
   * Segmentation accuracy (Pascal VOC, Data Science Bowl 2018).
   *
   * @return TP / (TP + FP + FN), 0 without a match
   */
  public double segmentationAccuracy() {
    return ratio(truePositives + falsePositives + falseNegatives);
  }

  /**
   * Harmonic mean of precision and recall.
   *
   * @return 2 TP / (2 TP + FP + FN), 0 without a match
   */
  public double f1() {
    return 2 * ratio(2 * truePositives + falsePositives + falseNegatives);
  }

  private double ratio(int of) {
    return truePositives == 0 ? 0 : (double) truePositives / of;
  }
}
