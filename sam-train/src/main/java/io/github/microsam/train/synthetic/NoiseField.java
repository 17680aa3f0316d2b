package io.github.microsam.train.synthetic;

import io.github.microsam.train.data.StableRandom;

/** Smooth random functions of the plane: value noise, octaves of it added. */
final class NoiseField {
  /** A power of two, so that the lattice wraps by masking. */
  private static final int SIDE = 128;

  private final float[][] lattices;
  private final double cell;

  /**
   * A field.
   *
   * @param cell how far apart independent values are, in pixels
   * @param octaves each further one is half as large and half as strong
   */
  NoiseField(double cell, int octaves, StableRandom random) {
    this.cell = cell;
    lattices = new float[octaves][SIDE * SIDE];
    for (float[] lattice : lattices) {
      for (int i = 0; i < lattice.length; i++) {
        lattice[i] = 2 * random.nextFloat() - 1;
      }
    }
  }

  /** The value at a place, about −1 to 1, mean 0. */
  float at(double x, double y) {
    double sum = 0;
    double weight = 1;
    double scale = 1 / cell;
    for (float[] lattice : lattices) {
      sum += weight * interpolated(lattice, x * scale, y * scale);
      weight /= 2;
      scale *= 2;
    }
    return (float) sum;
  }

  private static double interpolated(float[] lattice, double x, double y) {
    double fx = Math.floor(x);
    double fy = Math.floor(y);
    double u = smooth(x - fx);
    double v = smooth(y - fy);
    int x0 = (int) fx & (SIDE - 1);
    int x1 = (x0 + 1) & (SIDE - 1);
    int y0 = ((int) fy & (SIDE - 1)) * SIDE;
    int y1 = (y0 + SIDE) & (SIDE * SIDE - 1);
    double top = lattice[y0 + x0] + u * (lattice[y0 + x1] - lattice[y0 + x0]);
    double bottom = lattice[y1 + x0] + u * (lattice[y1 + x1] - lattice[y1 + x0]);
    return top + v * (bottom - top);
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }
}
