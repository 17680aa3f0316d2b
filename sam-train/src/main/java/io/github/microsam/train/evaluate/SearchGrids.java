package io.github.microsam.train.evaluate;

import io.github.microsam.label.OverlapMeasure;
import io.github.microsam.segment.AisOptions;
import io.github.microsam.segment.ApgOptions;
import io.github.microsam.segment.MaskSelectionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The options among which the reference searches (micro_sam/evaluation/instance_segmentation.py).
 */
public final class SearchGrids {
  private static final List<Long> SIZES = List.of(50L, 100L, 200L);

  private SearchGrids() {}

  /**
   * AIS: both distance thresholds 0.3 to 0.7, smoothing of distances 1.0 to 2.0 in steps of 0.2,
   * smallest sizes 50, 100 and 200.
   *
   * @param start what else the options are
   * @return 450 options
   */
  public static List<AisOptions> ais(AisOptions start) {
    List<AisOptions> grid = new ArrayList<>();
    for (double center : steps(0.3, 0.1, 5)) {
      for (double boundary : steps(0.3, 0.1, 5)) {
        for (double smoothing : steps(1, 0.2, 6)) {
          for (long size : SIZES) {
            grid.add(
                start
                    .withCenterDistanceThreshold(center)
                    .withBoundaryDistanceThreshold(boundary)
                    .withDistanceSmoothing(smoothing)
                    .withMinSize(size));
          }
        }
      }
    }
    return grid;
  }

  /**
   * AMG: predicted IoU 0.6 to 0.9 and stability 0.6 to 0.95, both in steps of 0.025.
   *
   * @param start what else the options are
   * @return 195 options
   */
  public static List<MaskSelectionOptions> amg(MaskSelectionOptions start) {
    List<MaskSelectionOptions> grid = new ArrayList<>();
    for (double iou : steps(0.6, 0.025, 13)) {
      for (double stability : steps(0.6, 0.025, 15)) {
        grid.add(start.withThresholds(iou, stability));
      }
    }
    return grid;
  }

  /**
   * APG: both distance thresholds 0.3 to 0.7, smallest sizes 50, 100 and 200, suppression 0.5 to
   * 0.9 by IoU or by intersection over the smaller one.
   *
   * @param start what else the options are
   * @return 750 options
   */
  public static List<ApgOptions> apg(ApgOptions start) {
    List<ApgOptions> grid = new ArrayList<>();
    for (double center : steps(0.3, 0.1, 5)) {
      for (double boundary : steps(0.3, 0.1, 5)) {
        for (long size : SIZES) {
          for (double nms : steps(0.5, 0.1, 5)) {
            for (OverlapMeasure measure : OverlapMeasure.values()) {
              grid.add(
                  start
                      .withMapThresholds(center, boundary, start.foregroundThreshold())
                      .withMinSize(size)
                      .withNms(nms, measure));
            }
          }
        }
      }
    }
    return grid;
  }

  /** Rounded, so that 0.3 + 3 · 0.1 is 0.6. */
  private static List<Double> steps(double first, double step, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Math.rint((first + i * step) * 1000) / 1000)
        .toList();
  }
}
