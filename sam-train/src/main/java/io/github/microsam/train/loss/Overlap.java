package io.github.microsam.train.loss;

/**
 * Dice as a loss, 1 − 2Σpt / max(Σp² + Σt², 10⁻⁷) (torch_em/loss/dice.py), from its sums.
 *
 * @param product Σpt
 * @param squares Σp² + Σt²
 */
record Overlap(double product, double squares) {
  private static final double EPSILON = 1e-7;

  /** The loss, from 0 for equal maps to 1. */
  double loss() {
    return 1 - 2 * product / Math.max(squares, EPSILON);
  }

  /** Derivative with respect to p is {@code forTarget() * t + forPrediction() * p}. */
  double forTarget() {
    return -2 / Math.max(squares, EPSILON);
  }

  /** The other coefficient; 0 where the denominator is cut off. */
  double forPrediction() {
    return squares > EPSILON ? 4 * product / (squares * squares) : 0;
  }
}
