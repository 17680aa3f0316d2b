package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The embeddings of relative positions along one axis, {@code get_rel_pos} of
 * segment_anything/modeling/image_encoder.py.
 *
 * <p>A table has one row for each distance between a query and a key. If it was made for other
 * sizes, it is interpolated linearly. Interpolating and picking rows is one product with a constant
 * matrix, which has a gradient (ND4J's gather has none).
 */
final class RelativePosition {
  private RelativePosition() {}

  /**
   * Adds the embedding of every pair of a query's and a key's position.
   *
   * @param s where
   * @param table {@code [length, channels]}
   * @param length rows of the table
   * @param channels columns of the table
   * @param queries positions of queries
   * @param keys positions of keys
   * @return {@code [queries, keys, channels]}
   */
  static SDVariable add(
      Scope s, SDVariable table, int length, int channels, int queries, int keys) {
    SameDiff sd = s.sd();
    SDVariable rows =
        sd.mmul(s.constant("rows", Nd4j.create(matrix(length, queries, keys))), table);
    return sd.reshape(rows, queries, keys, channels);
  }

  /** One row for each pair, in query-major order: how much of each row of the table it takes. */
  private static double[][] matrix(int length, int queries, int keys) {
    double queryStep = Math.max((double) keys / queries, 1);
    double keyStep = Math.max((double) queries / keys, 1);
    int distances = 2 * Math.max(queries, keys) - 1;
    double[][] matrix = new double[queries * keys][];
    for (int q = 0; q < queries; q++) {
      for (int k = 0; k < keys; k++) {
        int distance = (int) (q * queryStep - k * keyStep + (keys - 1) * keyStep);
        matrix[q * keys + k] = interpolation(length, distances, distance);
      }
    }
    return matrix;
  }

  /** Weights of {@code torch.nn.functional.interpolate(mode="linear", align_corners=False)}. */
  private static double[] interpolation(int length, int distances, int distance) {
    double position = Math.max(0, (distance + 0.5) * length / distances - 0.5);
    int below = (int) position;
    double fraction = position - below;
    double[] row = new double[length];
    row[below] += 1 - fraction;
    row[Math.min(below + 1, length - 1)] += fraction;
    return row;
  }
}
