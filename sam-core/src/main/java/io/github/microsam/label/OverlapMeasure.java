package io.github.microsam.label;

/** How much two masks overlap, 0 to 1. */
public enum OverlapMeasure {
  /** Intersection over union. */
  IOU,
  /** Intersection over the smaller area, + 1e-6: 1 where one mask lies in the other. */
  INTERSECTION_OVER_MIN;

  private static final float EPS = 1e-6f;

  /** In float32, as the reference has it. */
  float of(ColumnRuns a, ColumnRuns b) {
    long intersection = a.intersection(b);
    if (intersection == 0) {
      return 0;
    }
    return switch (this) {
      case IOU -> (float) intersection / (float) (a.area + b.area - intersection);
      case INTERSECTION_OVER_MIN -> (float) intersection / ((float) Math.min(a.area, b.area) + EPS);
    };
  }
}
