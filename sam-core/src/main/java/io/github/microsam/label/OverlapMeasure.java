package io.github.microsam.label;

import net.imglib2.Interval;

/** How much two masks overlap, 0 to 1. */
public enum OverlapMeasure {
  /** Intersection over union. */
  IOU,
  /** Intersection over the smaller area, + 1e-6: 1 where one mask lies in the other. */
  INTERSECTION_OVER_MIN;

  private static final float EPS = 1e-6f;

  /** In float32, as the reference has it. */
  float of(ColumnRuns a, ColumnRuns b) {
    return of(a.intersection(b), a.area, b.area);
  }

  /** Of the parts of two masks in a window that holds their intersection. */
  float of(ColumnRuns a, ColumnRuns b, Interval window) {
    return of(a.intersection(b), a.areaWithin(window), b.areaWithin(window));
  }

  private float of(long intersection, long a, long b) {
    if (intersection == 0) {
      return 0;
    }
    return switch (this) {
      case IOU -> (float) intersection / (float) (a + b - intersection);
      case INTERSECTION_OVER_MIN -> (float) intersection / ((float) Math.min(a, b) + EPS);
    };
  }
}
