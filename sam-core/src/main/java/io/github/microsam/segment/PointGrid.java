package io.github.microsam.segment;

import java.util.ArrayList;
import java.util.List;

/** Points in the unit square, regular as {@code build_point_grid} of segment-anything or given. */
final class PointGrid {
  private PointGrid() {}

  /**
   * Points in the middle of the cells of a grid, row by row.
   *
   * @return (x, y), 0 to 1; none for 0 points
   */
  static List<double[]> of(int pointsPerSide) {
    double offset = 1 / (2.0 * pointsPerSide);
    double step = pointsPerSide > 1 ? (1 - 2 * offset) / (pointsPerSide - 1) : 0;
    List<double[]> points = new ArrayList<>();
    for (int row = 0; row < pointsPerSide; row++) {
      for (int column = 0; column < pointsPerSide; column++) {
        points.add(new double[] {offset + column * step, offset + row * step});
      }
    }
    return points;
  }

  /** The grid of each layer of crops, that of the whole image first. */
  static List<List<double[]>> ofLayers(PointGridOptions options) {
    if (!options.positions().isEmpty()) {
      return options.positions().stream()
          .map(layer -> layer.stream().map(p -> new double[] {p.x(), p.y()}).toList())
          .toList();
    }
    List<List<double[]>> grids = new ArrayList<>();
    for (int layer = 0; layer <= options.cropLayers(); layer++) {
      double scale = Math.pow(options.cropPointsDownscale(), layer);
      grids.add(of((int) (options.pointsPerSide() / scale)));
    }
    return grids;
  }
}
