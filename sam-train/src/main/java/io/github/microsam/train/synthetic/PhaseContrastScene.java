package io.github.microsam.train.synthetic;

import io.github.microsam.label.BoundaryMode;
import io.github.microsam.label.DistanceTransform;
import io.github.microsam.train.data.StableRandom;
import java.util.List;
import net.imglib2.Cursor;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/** Cells in phase contrast: bright halos, dark rims, granules, a nucleus; some rounded up. */
final class PhaseContrastScene implements Scene {
  private static final double ROUNDED = 0.12;

  @Override
  public float[][] paint(Canvas canvas, SyntheticOptions options, StableRandom random) {
    SyntheticOptions.Optics optics = options.optics();
    SyntheticOptions.Objects objects = options.objects();
    float[] image = canvas.noise(60, 3, random);
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) (optics.background() * (1 + 0.05 * optics.clutter() * image[i]));
    }
    List<Outline> cells = new Scatter(canvas, objects, random).place(() -> shape(objects, random));
    float[] granules = canvas.noise(5, 3, random);
    float[] folds = canvas.noise(objects.diameter() / 4, 2, random);
    float[] brightness = canvas.layer(0);
    for (Outline cell : cells) {
      canvas.label(cell);
      boolean round = random.nextDouble() < ROUNDED;
      double tone = optics.contrast() * (round ? 0.3 : random.nextDouble(-0.2, 0.06));
      double texture = optics.contrast() * random.nextDouble(0.1, 0.22);
      canvas.paint(
          cell,
          1,
          (pixel, relative) ->
              brightness[pixel] =
                  (float) (tone + texture * (0.6 * granules[pixel] + 0.7 * folds[pixel])));
      nucleus(canvas, cell, brightness, optics, random);
    }
    edges(canvas, image, brightness, options);
    return new float[][] {image};
  }

  private static Outline shape(SyntheticOptions.Objects objects, StableRandom random) {
    return Outline.draw(
        Scatter.diameter(objects, random),
        1 + StrictMath.exp(0.5 * random.nextGaussian() - 0.7),
        Math.PI * random.nextDouble(),
        objects.irregularity(),
        random);
  }

  private static void nucleus(
      Canvas canvas,
      Outline cell,
      float[] brightness,
      SyntheticOptions.Optics optics,
      StableRandom random) {
    double side = cell.meanRadius() * random.nextDouble(0.3, 0.45);
    Outline nucleus =
        Outline.draw(2 * side, 1.3, Math.PI * random.nextDouble(), 0.2, random)
            .at(
                cell.x + 0.15 * cell.meanRadius() * random.nextGaussian(),
                cell.y + 0.15 * cell.meanRadius() * random.nextGaussian());
    Outline nucleolus = nucleus.scaled(0.3);
    int id = canvas.labels[clampedPixel(canvas, nucleus)];
    double depth = optics.contrast();
    canvas.paint(
        nucleus,
        1,
        (pixel, relative) -> {
          if (canvas.labels[pixel] == id) {
            brightness[pixel] += (float) (depth * (relative > 0.85 ? -0.1 : 0.05));
          }
        });
    canvas.paint(
        nucleolus,
        1,
        (pixel, relative) -> {
          if (canvas.labels[pixel] == id) {
            brightness[pixel] -= (float) (0.22 * depth);
          }
        });
  }

  private static int clampedPixel(Canvas canvas, Outline shape) {
    int x = (int) Math.min(canvas.width - 1, Math.max(0, shape.x));
    int y = (int) Math.min(canvas.height - 1, Math.max(0, shape.y));
    return y * canvas.width + x;
  }

  /** Halo outside, dark rim inside, both by the distance to the outline. */
  private static void edges(
      Canvas canvas, float[] image, float[] brightness, SyntheticOptions options) {
    Cursor<FloatType> distances =
        Views.flatIterable(
                DistanceTransform.toBoundary(
                    ArrayImgs.unsignedInts(canvas.labels, canvas.width, canvas.height),
                    BoundaryMode.INNER))
            .cursor();
    double strength = options.optics().contrast();
    double reach = Math.max(2, options.objects().diameter() / 14);
    for (int i = 0; i < image.length; i++) {
      double d = distances.next().get();
      if (canvas.labels[i] == 0) {
        double halo = StrictMath.exp(-d * d / (2 * reach * reach));
        image[i] += (float) (0.45 * strength * halo);
      } else {
        double rim = StrictMath.exp(-d * d / 3);
        double inner = StrictMath.exp(-(d - 2.5) * (d - 2.5) / (reach * reach));
        image[i] += (float) (brightness[i] - strength * (0.32 * rim + 0.15 * inner));
      }
    }
  }
}
