package io.github.microsam.train.synthetic;

import io.github.microsam.train.data.StableRandom;

/** A closed curve: an ellipse whose radius waves along its circumference. */
final class Outline {
  private static final int STEPS = 256;
  private static final int WAVES = 5;

  final double x;
  final double y;

  /** Semi-axes in pixels. */
  final double a;

  final double b;
  private final double cos;
  private final double sin;

  /** Radius by angle; 1 for an ellipse. */
  private final float[] radius;

  private final double largest;

  private Outline(double x, double y, double a, double b, double angle, float[] radius) {
    this.x = x;
    this.y = y;
    this.a = a;
    this.b = b;
    cos = StrictMath.cos(angle);
    sin = StrictMath.sin(angle);
    this.radius = radius;
    float most = 0;
    for (float r : radius) {
      most = Math.max(most, r);
    }
    largest = most;
  }

  /**
   * Draws a shape around the origin.
   *
   * @param diameter that of a circle of its area, about
   * @param elongation long to short axis, 1 or more
   * @param angle of the long axis
   * @param irregularity 0 for an ellipse, 1 for an amoeba
   */
  static Outline draw(
      double diameter, double elongation, double angle, double irregularity, StableRandom random) {
    float[] radius = new float[STEPS];
    double[] amplitude = new double[WAVES];
    double[] phase = new double[WAVES];
    for (int k = 0; k < WAVES; k++) {
      amplitude[k] = irregularity * 0.3 * random.nextGaussian() / (k + 2);
      phase[k] = 2 * Math.PI * random.nextDouble();
    }
    for (int i = 0; i < STEPS; i++) {
      double r = 1;
      for (int k = 0; k < WAVES; k++) {
        r += amplitude[k] * StrictMath.cos(2 * Math.PI * i * (k + 2) / STEPS + phase[k]);
      }
      radius[i] = (float) Math.max(0.3, r);
    }
    double stretch = Math.sqrt(elongation);
    return new Outline(0, 0, diameter / 2 * stretch, diameter / 2 / stretch, angle, radius);
  }

  Outline at(double newX, double newY) {
    return new Outline(newX, newY, a, b, StrictMath.atan2(sin, cos), radius);
  }

  /** The same around the same centre, larger or smaller. */
  Outline scaled(double factor) {
    return new Outline(x, y, a * factor, b * factor, StrictMath.atan2(sin, cos), radius);
  }

  /** Distance from the centre relative to the curve: 0 in the centre, below 1 inside. */
  double relative(double px, double py) {
    double dx = px - x;
    double dy = py - y;
    double u = (cos * dx + sin * dy) / a;
    double v = (cos * dy - sin * dx) / b;
    double rho = Math.sqrt(u * u + v * v);
    if (rho > largest || rho == 0) {
      return rho;
    }
    double turn = StrictMath.atan2(v, u) / (2 * Math.PI);
    double at = (turn < 0 ? turn + 1 : turn) * STEPS;
    int i = (int) at;
    float r0 = radius[i % STEPS];
    float r1 = radius[(i + 1) % STEPS];
    return rho / (r0 + (at - i) * (r1 - r0));
  }

  /** No part is farther from the centre. */
  double reach() {
    return Math.max(a, b) * largest;
  }

  /** Radius of a circle of the ellipse's area. */
  double meanRadius() {
    return Math.sqrt(a * b);
  }
}
