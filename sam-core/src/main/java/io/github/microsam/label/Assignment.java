package io.github.microsam.label;

import java.util.Arrays;

/**
 * The assignment problem: the Hungarian algorithm with shortest augmenting paths and potentials,
 * O(rows² · columns).
 */
final class Assignment {
  private final double[][] cost;
  private final int rows;
  private final int columns;
  private final double[] rowPotential;
  private final double[] columnPotential;

  /** Row of each column, −1 where it is free. */
  private final int[] rowOf;

  private Assignment(double[][] cost, int rows, int columns) {
    this.cost = cost;
    this.rows = rows;
    this.columns = columns;
    rowPotential = new double[rows];
    columnPotential = new double[columns];
    rowOf = new int[columns];
    Arrays.fill(rowOf, -1);
  }

  /**
   * Assigns rows to columns, as many as there are of the fewer, at the least total cost.
   *
   * @return the column of each row, −1 where there are more rows than columns and it got none
   */
  static int[] minimize(double[][] cost) {
    int rows = cost.length;
    int columns = rows == 0 ? 0 : cost[0].length;
    int[] columnOf = new int[rows];
    Arrays.fill(columnOf, -1);
    if (rows <= columns) {
      int[] rowOf = new Assignment(cost, rows, columns).solve();
      for (int c = 0; c < columns; c++) {
        if (rowOf[c] >= 0) {
          columnOf[rowOf[c]] = c;
        }
      }
      return columnOf;
    }
    double[][] transposed = new double[columns][rows];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        transposed[c][r] = cost[r][c];
      }
    }
    return new Assignment(transposed, columns, rows).solve();
  }

  private int[] solve() {
    for (int row = 0; row < rows; row++) {
      augment(row);
    }
    return rowOf;
  }

  /** Finds the cheapest path from a row to a free column (Dijkstra) and reassigns along it. */
  private void augment(int start) {
    double[] distance = new double[columns];
    int[] before = new int[columns];
    boolean[] done = new boolean[columns];
    Arrays.fill(distance, Double.POSITIVE_INFINITY);
    Arrays.fill(before, -1);
    int row = start;
    int last = -1; // the column through which we came to the row
    double length = 0;
    while (true) {
      int next = -1;
      for (int c = 0; c < columns; c++) {
        if (done[c]) {
          continue;
        }
        double d = length + cost[row][c] - rowPotential[row] - columnPotential[c];
        if (d < distance[c]) {
          distance[c] = d;
          before[c] = last;
        }
        if (next < 0 || distance[c] < distance[next]) {
          next = c;
        }
      }
      done[next] = true;
      length = distance[next];
      last = next;
      if (rowOf[next] < 0) {
        break;
      }
      row = rowOf[next];
    }
    rowPotential[start] += length;
    for (int c = 0; c < columns; c++) {
      if (done[c] && c != last) {
        rowPotential[rowOf[c]] += length - distance[c];
        columnPotential[c] -= length - distance[c];
      }
    }
    while (before[last] >= 0) {
      rowOf[last] = rowOf[before[last]];
      last = before[last];
    }
    rowOf[last] = start;
  }
}
