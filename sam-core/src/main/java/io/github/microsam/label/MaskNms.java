package io.github.microsam.label;

import java.util.List;
import net.imglib2.Interval;
import net.imglib2.util.Intervals;

/**
 * Greedy non-maximum suppression of masks: of masks that overlap too much the one with the higher
 * score stays. Overlaps are computed when they are asked for, from run lengths, so thousands of
 * large masks need little memory.
 *
 * <p>As micro-sam's {@code apply_nms} but for one thing: micro-sam compares masks only where their
 * boxes, taken one pixel too small, overlap, so that objects one pixel wide, and objects that share
 * only one row or column, are never suppressed. Here true boxes decide.
 */
public final class MaskNms {
  private MaskNms() {}

  /**
   * Selects masks.
   *
   * @param masks the masks; those of tiles have the tiles' intervals as frames
   * @param scores one a mask, higher is better; of equals the earlier mask is better, and NaN is
   *     best, as PyTorch sorts it
   * @param threshold a mask goes where its overlap with a better mask that stays is greater
   *     (compared in float32)
   * @param measure how overlap is measured
   * @return indices of the masks that stay, best first
   * @throws IllegalArgumentException where there is not one score a mask
   */
  public static int[] keep(
      List<RunLengths> masks, float[] scores, double threshold, OverlapMeasure measure) {
    if (masks.size() != scores.length) {
      throw new IllegalArgumentException(masks.size() + " masks and " + scores.length + " scores");
    }
    ColumnRuns[] runs = masks.stream().map(ColumnRuns::new).toArray(ColumnRuns[]::new);
    float limit = (float) threshold;
    return GreedySelection.keep(
        scores, (kept, candidate) -> measure.of(runs[kept], runs[candidate]) > limit);
  }

  /**
   * Selects masks that were each made from a part of the image: of two masks only what both parts
   * show is compared, so that a mask that ends at the edge of its part does not differ from one of
   * another part for that reason. micro-sam does so for tiles.
   *
   * @param masks the masks
   * @param parts the interval of the image that each mask was made from
   * @param scores one a mask, as {@link #keep(List, float[], double, OverlapMeasure)}
   * @param threshold a mask goes where its overlap with a better mask that stays is greater
   * @param measure how overlap is measured
   * @return indices of the masks that stay, best first
   * @throws IllegalArgumentException where there is not one score and one part a mask
   */
  public static int[] keep(
      List<RunLengths> masks,
      List<? extends Interval> parts,
      float[] scores,
      double threshold,
      OverlapMeasure measure) {
    if (masks.size() != scores.length || masks.size() != parts.size()) {
      throw new IllegalArgumentException(
          masks.size() + " masks, " + parts.size() + " parts and " + scores.length + " scores");
    }
    ColumnRuns[] runs = masks.stream().map(ColumnRuns::new).toArray(ColumnRuns[]::new);
    float limit = (float) threshold;
    return GreedySelection.keep(
        scores,
        (kept, candidate) -> {
          if (!runs[kept].boxesOverlap(runs[candidate])) {
            return false;
          }
          Interval a = parts.get(kept);
          Interval b = parts.get(candidate);
          return (a.equals(b)
                  ? measure.of(runs[kept], runs[candidate])
                  : measure.of(runs[kept], runs[candidate], Intervals.intersect(a, b)))
              > limit;
        });
  }

  /**
   * Overlap of each mask with each.
   *
   * @param masks the masks
   * @param measure how overlap is measured
   * @return a symmetric matrix; on the diagonal 1 for {@link OverlapMeasure#IOU}, area over area +
   *     1e-6 for {@link OverlapMeasure#INTERSECTION_OVER_MIN}, 0 for empty masks in the latter
   */
  public static float[][] overlaps(List<RunLengths> masks, OverlapMeasure measure) {
    ColumnRuns[] runs = masks.stream().map(ColumnRuns::new).toArray(ColumnRuns[]::new);
    float[][] out = new float[runs.length][runs.length];
    Chunks.forEach(
        runs.length,
        16,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            for (int j = 0; j < runs.length; j++) {
              boolean one = i == j && measure == OverlapMeasure.IOU;
              out[i][j] = one ? 1 : measure.of(runs[i], runs[j]);
            }
          }
        });
    return out;
  }
}
