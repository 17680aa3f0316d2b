package io.github.microsam.train.synthetic;

import io.github.microsam.train.data.StableRandom;
import java.util.List;

/** Fluorescent nuclei: chromatin, nucleoli, dividing cells, others out of focus. */
final class NucleiScene implements Scene {
  private static final double DIVIDING = 0.05;

  @Override
  public float[][] paint(Canvas canvas, SyntheticOptions options, StableRandom random) {
    SyntheticOptions.Optics optics = options.optics();
    SyntheticOptions.Objects objects = options.objects();
    float[] image = background(canvas, options, random);
    float[] chromatin = canvas.noise(Math.max(2.5, objects.diameter() / 6), 3, random);
    List<Outline> nuclei = new Scatter(canvas, objects, random).place(() -> shape(objects, random));
    for (Outline nucleus : nuclei) {
      canvas.label(nucleus);
      boolean dividing = random.nextDouble() < DIVIDING;
      double brightness =
          optics.contrast() * StrictMath.exp(0.3 * random.nextGaussian()) * (dividing ? 1.8 : 1);
      double texture = dividing ? 0.6 : random.nextDouble(0.15, 0.45);
      float[] here = new float[1];
      canvas.paint(
          nucleus,
          1,
          (pixel, relative) -> {
            double thickness = Math.sqrt(1 - relative * relative);
            here[0] = (float) (brightness * (0.6 + 0.4 * thickness));
            image[pixel] += here[0] * (float) Math.max(0.1, 1 + texture * chromatin[pixel]);
          });
      nucleoli(canvas, nucleus, image, brightness, random);
    }
    return new float[][] {image};
  }

  private static Outline shape(SyntheticOptions.Objects objects, StableRandom random) {
    return Outline.draw(
        Scatter.diameter(objects, random),
        random.nextDouble(1, 1.7),
        Math.PI * random.nextDouble(),
        objects.irregularity(),
        random);
  }

  /** Haze, and nuclei far from the focus. */
  private static float[] background(Canvas canvas, SyntheticOptions options, StableRandom random) {
    SyntheticOptions.Optics optics = options.optics();
    double diameter = options.objects().diameter();
    float[] layer = canvas.layer(0);
    double area = Math.PI * diameter * diameter / 4;
    int count = (int) Math.round(optics.clutter() * 0.15 * canvas.width * canvas.height / area);
    for (int i = 0; i < count; i++) {
      double brightness = 0.35 * optics.contrast() * random.nextDouble();
      Outline shape =
          shape(options.objects(), random)
              .at(canvas.width * random.nextDouble(), canvas.height * random.nextDouble());
      canvas.paint(shape, 1, (pixel, relative) -> layer[pixel] += (float) brightness);
    }
    float[] blurred = canvas.smoothed(layer, diameter / 4);
    float[] haze = canvas.noise(3 * diameter, 2, random);
    debris(canvas, blurred, optics, diameter, random);
    for (int i = 0; i < blurred.length; i++) {
      blurred[i] += (float) (optics.background() * (1 + 0.25 * haze[i]));
    }
    return blurred;
  }

  private static void debris(
      Canvas canvas,
      float[] layer,
      SyntheticOptions.Optics optics,
      double diameter,
      StableRandom random) {
    int count = (int) Math.round(optics.clutter() * 20 * random.nextDouble());
    for (int i = 0; i < count; i++) {
      double brightness = optics.contrast() * random.nextDouble(0.2, 0.8);
      Outline speck =
          Outline.draw(diameter * random.nextDouble(0.05, 0.12), 1.3, 0, 0.5, random)
              .at(canvas.width * random.nextDouble(), canvas.height * random.nextDouble());
      canvas.paint(speck, 1, (pixel, relative) -> layer[pixel] += (float) brightness);
    }
  }

  private static void nucleoli(
      Canvas canvas, Outline nucleus, float[] image, double brightness, StableRandom random) {
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      double direction = 2 * Math.PI * random.nextDouble();
      double distance = 0.55 * nucleus.meanRadius() * random.nextDouble();
      double depth = brightness * random.nextDouble(0.15, 0.45);
      Outline spot =
          Outline.draw(nucleus.meanRadius() * random.nextDouble(0.25, 0.5), 1.2, 0, 0.3, random)
              .at(
                  nucleus.x + distance * StrictMath.cos(direction),
                  nucleus.y + distance * StrictMath.sin(direction));
      canvas.paint(
          spot,
          1,
          (pixel, relative) -> image[pixel] -= (float) (depth * (1 - relative * relative)));
    }
  }
}
