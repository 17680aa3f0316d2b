package io.github.microsam.train.synthetic;

import io.github.microsam.label.BoundaryMode;
import io.github.microsam.label.DistanceTransform;
import io.github.microsam.train.data.StableRandom;
import net.imglib2.Cursor;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/** Epithelium: a Voronoi tessellation with bent sides, whose edges are stained. */
final class MembraneScene implements Scene {

  @Override
  public float[][] paint(Canvas canvas, SyntheticOptions options, StableRandom random) {
    tessellate(canvas, options.objects(), random);
    SyntheticOptions.Optics optics = options.optics();
    float[] stain = canvas.noise(options.objects().diameter() / 2, 3, random);
    float[] cytoplasm = canvas.noise(options.objects().diameter() / 5, 3, random);
    Cursor<FloatType> distances =
        Views.flatIterable(
                DistanceTransform.toBoundary(
                    ArrayImgs.unsignedInts(canvas.labels, canvas.width, canvas.height),
                    BoundaryMode.THICK))
            .cursor();
    float[] image = canvas.layer(optics.background());
    double thickness = Math.max(0.8, options.objects().diameter() / 45);
    for (int i = 0; i < image.length; i++) {
      double d = distances.next().get();
      double line = StrictMath.exp(-d * d / (2 * thickness * thickness));
      double strength = optics.contrast() * Math.max(0.15, 0.85 + 0.6 * stain[i]);
      double inside = canvas.labels[i] == 0 ? 0 : 0.12 + 0.12 * cytoplasm[i];
      image[i] += (float) (strength * line + optics.contrast() * inside);
    }
    specks(canvas, image, optics, random);
    return new float[][] {image};
  }

  private static void tessellate(
      Canvas canvas, SyntheticOptions.Objects objects, StableRandom random) {
    // A hexagonal lattice has one cell in each pitch² · √3/2.
    double pitch = objects.diameter() * Math.sqrt(Math.PI / 4 / 0.866);
    double row = pitch * 0.866;
    int columns = (int) Math.ceil(canvas.width / pitch) + 5;
    int rows = (int) Math.ceil(canvas.height / row) + 5;
    double[] x = new double[columns * rows];
    double[] y = new double[columns * rows];
    boolean[] there = new boolean[columns * rows];
    double jitter = Math.min(0.45, objects.spread() + 0.15) * pitch;
    for (int i = 0; i < x.length; i++) {
      int r = i / columns;
      x[i] = (i % columns - 2 + (r % 2) * 0.5) * pitch + jitter * random.nextDouble(-1, 1);
      y[i] = (r - 2) * row + jitter * random.nextDouble(-1, 1);
      there[i] = random.nextDouble() < objects.density();
    }
    NoiseField bendX = new NoiseField(objects.diameter() / 2, 2, random);
    NoiseField bendY = new NoiseField(objects.diameter() / 2, 2, random);
    double bend = objects.irregularity() * objects.diameter() / 8;
    for (int py = 0; py < canvas.height; py++) {
      for (int px = 0; px < canvas.width; px++) {
        double u = px + bend * bendX.at(px, py);
        double v = py + bend * bendY.at(px, py);
        int nearest = nearest(u, v, x, y, columns, (int) (u / pitch) + 2, (int) (v / row) + 2);
        canvas.labels[py * canvas.width + px] = there[nearest] ? nearest + 1 : 0;
      }
    }
  }

  private static int nearest(
      double u, double v, double[] x, double[] y, int columns, int column, int row) {
    int best = -1;
    double least = Double.POSITIVE_INFINITY;
    int rows = x.length / columns;
    for (int r = Math.max(0, row - 2); r <= Math.min(rows - 1, row + 2); r++) {
      for (int c = Math.max(0, column - 2); c <= Math.min(columns - 1, column + 2); c++) {
        int i = r * columns + c;
        double d = (x[i] - u) * (x[i] - u) + (y[i] - v) * (y[i] - v);
        if (d < least) {
          least = d;
          best = i;
        }
      }
    }
    return best;
  }

  private static void specks(
      Canvas canvas, float[] image, SyntheticOptions.Optics optics, StableRandom random) {
    int count = (int) Math.round(optics.clutter() * 40);
    for (int i = 0; i < count; i++) {
      double brightness = optics.contrast() * random.nextDouble(0.2, 0.7);
      Outline speck =
          Outline.draw(random.nextDouble(2, 5), 1.4, Math.PI * random.nextDouble(), 0.4, random)
              .at(canvas.width * random.nextDouble(), canvas.height * random.nextDouble());
      canvas.paint(speck, 1, (pixel, relative) -> image[pixel] += (float) brightness);
    }
  }
}
