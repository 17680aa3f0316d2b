package io.github.microsam.train.synthetic;

import io.github.microsam.train.data.StableRandom;
import java.util.ArrayList;
import java.util.List;

/** A smear: transparent folded cells that lie on each other, each with a dark nucleus. */
final class CytologyScene implements Scene {
  /** Diameter of a cell in diameters of its nucleus. */
  private static final double CELL = 4.5;

  @Override
  public float[][] paint(Canvas canvas, SyntheticOptions options, StableRandom random) {
    SyntheticOptions.Optics optics = options.optics();
    SyntheticOptions.Objects objects = options.objects();
    float[] image = canvas.layer(optics.background());
    float[] folds = canvas.noise(objects.diameter() / 2, 4, random);
    float[] grain = canvas.noise(Math.max(2.5, objects.diameter() / 6), 2, random);
    List<Outline> nuclei = cells(canvas, options, image, folds, random);
    for (Outline nucleus : nuclei) {
      canvas.label(nucleus);
      double taken = optics.contrast() * random.nextDouble(0.75, 1.1);
      canvas.paint(
          nucleus,
          1,
          (pixel, relative) ->
              image[pixel] *= (float) Math.max(0.05, 1 - taken * (1 + 0.2 * grain[pixel])));
    }
    debris(canvas, image, options, random);
    return new float[][] {image};
  }

  /** Paints the cells and says where their nuclei are. */
  private static List<Outline> cells(
      Canvas canvas, SyntheticOptions options, float[] image, float[] folds, StableRandom random) {
    SyntheticOptions.Objects objects = options.objects();
    double area = Math.PI * objects.diameter() * objects.diameter() / 4;
    int count =
        (int) Math.max(1, Math.round(objects.density() * canvas.width * canvas.height / area));
    List<Outline> nuclei = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double diameter = Scatter.diameter(objects, random);
      Outline cell =
          Outline.draw(
                  CELL * diameter * random.nextDouble(0.7, 1.2),
                  random.nextDouble(1, 1.6),
                  Math.PI * random.nextDouble(),
                  1.2,
                  random)
              .at(canvas.width * random.nextDouble(), canvas.height * random.nextDouble());
      double taken = options.optics().contrast() * random.nextDouble(0.15, 0.4);
      canvas.paint(
          cell,
          1,
          (pixel, relative) -> {
            double edge = 0.4 * StrictMath.exp(-900 * (1 - relative) * (1 - relative));
            double here = taken * (1 + 0.45 * folds[pixel] + edge);
            image[pixel] *= (float) Math.max(0.05, 1 - here);
          });
      Outline nucleus =
          Outline.draw(
                  diameter,
                  random.nextDouble(1, 1.5),
                  Math.PI * random.nextDouble(),
                  objects.irregularity(),
                  random)
              .at(
                  cell.x + diameter * 0.4 * random.nextGaussian(),
                  cell.y + diameter * 0.4 * random.nextGaussian());
      boolean apart = true;
      for (Outline other : nuclei) {
        double reach = nucleus.meanRadius() + other.meanRadius();
        apart &= StrictMath.hypot(other.x - nucleus.x, other.y - nucleus.y) > reach;
      }
      if (apart) {
        nuclei.add(nucleus);
      }
    }
    return nuclei;
  }

  private static void debris(
      Canvas canvas, float[] image, SyntheticOptions options, StableRandom random) {
    int count = (int) (options.optics().clutter() * 60);
    for (int i = 0; i < count; i++) {
      double taken = options.optics().contrast() * random.nextDouble(0.05, 0.6);
      Outline speck =
          Outline.draw(
                  options.objects().diameter() * random.nextDouble(0.05, 0.18),
                  random.nextDouble(1, 2),
                  Math.PI * random.nextDouble(),
                  0.6,
                  random)
              .at(canvas.width * random.nextDouble(), canvas.height * random.nextDouble());
      canvas.paint(speck, 1, (pixel, relative) -> image[pixel] *= (float) (1 - taken));
    }
  }
}
