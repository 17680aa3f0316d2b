package io.github.microsam.train.synthetic;

import io.github.microsam.train.data.StableRandom;
import java.util.List;

/**
 * Stained tissue. Light passes two stains, each of which takes its part of every colour (Ruifrok
 * and Johnston 2001): nuclei take up haematoxylin, everything else eosin.
 */
final class TissueScene implements Scene {
  /** Optical density for red, green and blue. */
  private static final double[] HAEMATOXYLIN = {0.65, 0.70, 0.29};

  private static final double[] EOSIN = {0.12, 0.95, 0.20};

  @Override
  public float[][] paint(Canvas canvas, SyntheticOptions options, StableRandom random) {
    SyntheticOptions.Optics optics = options.optics();
    SyntheticOptions.Objects objects = options.objects();
    double direction = Math.PI * random.nextDouble();
    double alignment = random.nextDouble();
    float[] eosin = fibres(canvas, options, direction, random);
    float[] haematoxylin = unfocused(canvas, options, random);
    float[] chromatin = canvas.noise(Math.max(2.5, objects.diameter() / 7), 3, random);
    List<Outline> nuclei =
        new Scatter(canvas, objects, random)
            .place(() -> shape(objects, direction, alignment, random));
    for (Outline nucleus : nuclei) {
      canvas.label(nucleus);
      double density = 1.6 * optics.contrast() * StrictMath.exp(0.25 * random.nextGaussian());
      double texture = random.nextDouble(0.2, 0.6);
      canvas.paint(
          nucleus,
          1,
          (pixel, relative) -> {
            double rim = 0.35 * StrictMath.exp(-40 * (1 - relative) * (1 - relative));
            haematoxylin[pixel] =
                (float) (density * Math.max(0.15, 0.75 + rim + texture * chromatin[pixel]));
            eosin[pixel] *= 0.5f;
          });
    }
    return transmitted(canvas, eosin, haematoxylin, optics, random);
  }

  private static Outline shape(
      SyntheticOptions.Objects objects, double direction, double alignment, StableRandom random) {
    return Outline.draw(
        Scatter.diameter(objects, random),
        1 + StrictMath.exp(0.7 * random.nextGaussian() - 0.8) * (0.5 + alignment),
        direction + (1 - alignment) * Math.PI * random.nextDouble(-0.5, 0.5),
        objects.irregularity(),
        random);
  }

  private static float[] fibres(
      Canvas canvas, SyntheticOptions options, double direction, StableRandom random) {
    double cos = StrictMath.cos(direction);
    double sin = StrictMath.sin(direction);
    NoiseField fibre = new NoiseField(options.objects().diameter() / 3, 3, random);
    NoiseField clouds = new NoiseField(2 * options.objects().diameter(), 3, random);
    NoiseField gaps = new NoiseField(4 * options.objects().diameter(), 2, random);
    double strength = options.optics().clutter();
    float[] eosin = canvas.layer(0);
    for (int y = 0; y < canvas.height; y++) {
      for (int x = 0; x < canvas.width; x++) {
        double bend = 12 * clouds.at(x, y);
        double along = (cos * x + sin * y) / 6;
        double across = cos * y - sin * x + bend;
        double here = 0.45 + strength * (0.3 * fibre.at(along, across) + 0.3 * clouds.at(x, y));
        double empty = Math.min(1, Math.max(0, (gaps.at(x, y) - 0.55) * 8));
        eosin[y * canvas.width + x] = (float) (Math.max(0.03, here) * (1 - 0.9 * empty));
      }
    }
    return eosin;
  }

  private static float[] unfocused(Canvas canvas, SyntheticOptions options, StableRandom random) {
    float[] layer = canvas.layer(0);
    double diameter = options.objects().diameter();
    double area = Math.PI * diameter * diameter / 4;
    int count =
        (int) Math.round(options.optics().clutter() * 0.1 * canvas.width * canvas.height / area);
    for (int i = 0; i < count; i++) {
      double density = options.optics().contrast() * random.nextDouble(0.2, 0.6);
      Outline shape =
          shape(options.objects(), 0, 0, random)
              .at(canvas.width * random.nextDouble(), canvas.height * random.nextDouble());
      canvas.paint(shape, 1, (pixel, relative) -> layer[pixel] += (float) density);
    }
    return canvas.smoothed(layer, diameter / 7);
  }

  /** Lambert and Beer: each colour falls with the exponent of what both stains take. */
  private static float[][] transmitted(
      Canvas canvas,
      float[] eosin,
      float[] haematoxylin,
      SyntheticOptions.Optics optics,
      StableRandom random) {
    float[][] colours = new float[3][];
    double strength = random.nextDouble(0.5, 1.1);
    for (int c = 0; c < 3; c++) {
      double h = HAEMATOXYLIN[c] * random.nextDouble(0.85, 1.15);
      double e = EOSIN[c] * strength * random.nextDouble(0.8, 1.2);
      double lamp = optics.background() * random.nextDouble(0.97, 1.03);
      colours[c] = canvas.layer(0);
      for (int i = 0; i < eosin.length; i++) {
        colours[c][i] = (float) (lamp * StrictMath.exp(-h * 1.3 * haematoxylin[i] - e * eosin[i]));
      }
    }
    return colours;
  }
}
