package io.github.microsam.train.synthetic;

import io.github.microsam.train.data.StableRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Places shapes in an image, alone or against each other. */
final class Scatter {
  private static final int ATTEMPTS = 40;

  private final double width;
  private final double height;
  private final SyntheticOptions.Objects objects;
  private final StableRandom random;
  private final List<Outline> placed = new ArrayList<>();

  Scatter(Canvas canvas, SyntheticOptions.Objects objects, StableRandom random) {
    width = canvas.width;
    height = canvas.height;
    this.objects = objects;
    this.random = random;
  }

  /** A diameter of these objects. */
  static double diameter(SyntheticOptions.Objects objects, StableRandom random) {
    double factor = 1 + objects.spread() * random.nextGaussian();
    return Math.max(4, objects.diameter() * Math.min(2.5, Math.max(0.4, factor)));
  }

  /** Places shapes until they cover the part of the image that is asked for, or nothing fits. */
  List<Outline> place(Supplier<Outline> shapes) {
    // What sticks out of the image covers none of it: the frame is as wide as a radius.
    double margin = objects.diameter() / 2;
    double wanted = objects.density() * (width + 2 * margin) * (height + 2 * margin);
    double covered = 0;
    int failures = 0;
    while (covered < wanted && failures < ATTEMPTS) {
      Outline shape = shapes.get();
      Outline at = random.nextDouble() < objects.touching() ? beside(shape) : alone(shape, margin);
      if (at == null) {
        failures++;
      } else {
        placed.add(at);
        covered += Math.PI * at.a * at.b;
      }
    }
    return placed;
  }

  private Outline alone(Outline shape, double margin) {
    for (int i = 0; i < ATTEMPTS; i++) {
      Outline at =
          shape.at(
              random.nextDouble(-margin, width + margin),
              random.nextDouble(-margin, height + margin));
      if (fits(at, 1.15)) {
        return at;
      }
    }
    return null;
  }

  private Outline beside(Outline shape) {
    for (int i = 0; i < ATTEMPTS && !placed.isEmpty(); i++) {
      Outline other = placed.get(random.nextInt(placed.size()));
      double direction = 2 * Math.PI * random.nextDouble();
      double distance =
          (other.meanRadius() + shape.meanRadius()) * (1 - objects.overlap() * random.nextDouble());
      Outline at =
          shape.at(
              other.x + distance * StrictMath.cos(direction),
              other.y + distance * StrictMath.sin(direction));
      boolean inImage = at.x > 0 && at.y > 0 && at.x < width && at.y < height;
      if (inImage && fits(at, 1 - objects.overlap())) {
        return at;
      }
    }
    return alone(shape, 0);
  }

  private boolean fits(Outline shape, double distance) {
    for (Outline other : placed) {
      double dx = shape.x - other.x;
      double dy = shape.y - other.y;
      double least = distance * (shape.meanRadius() + other.meanRadius()) - 1e-9;
      if (dx * dx + dy * dy < least * least) {
        return false;
      }
    }
    return true;
  }
}
