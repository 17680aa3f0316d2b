package io.github.microsam.train.synthetic;

import io.github.microsam.train.data.StableRandom;
import java.util.List;

/** Electron microscopy: dark rings with a lumen, among membranes and ribosomes. */
final class VesicleScene implements Scene {
  private static final double DENSE_CORE = 0.25;

  @Override
  public float[][] paint(Canvas canvas, SyntheticOptions options, StableRandom random) {
    SyntheticOptions.Optics optics = options.optics();
    SyntheticOptions.Objects objects = options.objects();
    float[] image = cytoplasm(canvas, options, random);
    float[] grain = canvas.noise(4, 2, random);
    List<Outline> vesicles =
        new Scatter(canvas, objects, random)
            .place(
                () ->
                    Outline.draw(
                        Scatter.diameter(objects, random),
                        random.nextDouble(1, 1.4),
                        Math.PI * random.nextDouble(),
                        objects.irregularity(),
                        random));
    double membrane = Math.max(1.6, objects.diameter() / 14);
    for (Outline vesicle : vesicles) {
      canvas.label(vesicle);
      double lumen = optics.background() + optics.contrast() * random.nextDouble(-0.12, 0.25);
      double dark = optics.contrast() * random.nextDouble(0.55, 0.85);
      boolean dense = random.nextDouble() < DENSE_CORE;
      double radius = vesicle.meanRadius();
      canvas.paint(
          vesicle,
          1,
          (pixel, relative) -> {
            double fromEdge = (1 - relative) * radius - membrane / 2;
            double ring = StrictMath.exp(-fromEdge * fromEdge / (membrane * membrane / 2));
            double core = dense ? 0.8 * StrictMath.exp(-8 * relative * relative) : 0;
            image[pixel] = (float) (lumen + 0.08 * grain[pixel] - dark * Math.max(ring, core));
          });
    }
    return new float[][] {image};
  }

  /** Membranes are the level lines of smooth noise. */
  private static float[] cytoplasm(Canvas canvas, SyntheticOptions options, StableRandom random) {
    SyntheticOptions.Optics optics = options.optics();
    float[] clouds = canvas.noise(30, 4, random);
    float[] grain = canvas.noise(3, 2, random);
    float[] lines = canvas.noise(2.5 * options.objects().diameter(), 3, random);
    float[] image = canvas.layer(optics.background());
    double width = 0.02;
    for (int i = 0; i < image.length; i++) {
      double membrane = StrictMath.exp(-lines[i] * lines[i] / (2 * width * width));
      image[i] +=
          (float)
              (0.06 * clouds[i]
                  + 0.05 * grain[i]
                  - 0.5 * optics.contrast() * optics.clutter() * membrane);
    }
    int ribosomes = (int) (optics.clutter() * canvas.width * canvas.height / 400);
    for (int i = 0; i < ribosomes; i++) {
      Outline dot =
          Outline.draw(random.nextDouble(2, 4), 1, 0, 0, random)
              .at(canvas.width * random.nextDouble(), canvas.height * random.nextDouble());
      canvas.paint(dot, 1, (pixel, relative) -> image[pixel] -= (float) (0.25 * optics.contrast()));
    }
    return image;
  }
}
