package io.github.microsam.train.synthetic;

import io.github.microsam.label.GaussianFilter;
import io.github.microsam.train.data.StableRandom;
import java.util.Arrays;
import net.imglib2.Cursor;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/** A picture while it is painted: grey levels from 0 to 1, and labels. */
final class Canvas {
  final int width;
  final int height;
  final int[] labels;
  private int objects;

  Canvas(int width, int height) {
    this.width = width;
    this.height = height;
    labels = new int[width * height];
  }

  /** What happens to each pixel of a shape. */
  interface Brush {
    /**
     * Paints a pixel.
     *
     * @param pixel y · width + x
     * @param relative 0 in the shape's centre, 1 on its outline
     */
    void paint(int pixel, double relative);
  }

  float[] layer(double value) {
    float[] layer = new float[width * height];
    Arrays.fill(layer, (float) value);
    return layer;
  }

  /** Every pixel whose centre is inside a shape, or within some multiple of its outline. */
  void paint(Outline shape, double extent, Brush brush) {
    double reach = shape.reach() * extent;
    int x0 = Math.max(0, (int) Math.ceil(shape.x - reach));
    int x1 = Math.min(width - 1, (int) Math.floor(shape.x + reach));
    int y0 = Math.max(0, (int) Math.ceil(shape.y - reach));
    int y1 = Math.min(height - 1, (int) Math.floor(shape.y + reach));
    for (int y = y0; y <= y1; y++) {
      for (int x = x0; x <= x1; x++) {
        double relative = shape.relative(x, y);
        if (relative < extent) {
          brush.paint(y * width + x, relative);
        }
      }
    }
  }

  /** Labels what is inside a shape as a new object, over whatever was there. */
  void label(Outline shape) {
    objects++;
    paint(shape, 1, (pixel, relative) -> labels[pixel] = objects);
  }

  /** Fills a layer with noise. */
  float[] noise(double cell, int octaves, StableRandom random) {
    NoiseField field = new NoiseField(cell, octaves, random);
    float[] out = new float[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        out[y * width + x] = field.at(x, y);
      }
    }
    return out;
  }

  /** A smoothed copy of a layer. */
  float[] smoothed(float[] layer, double sigma) {
    Cursor<FloatType> cursor =
        Views.flatIterable(GaussianFilter.smooth(ArrayImgs.floats(layer, width, height), sigma))
            .cursor();
    float[] out = new float[layer.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = cursor.next().get();
    }
    return out;
  }
}
