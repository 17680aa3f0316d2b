package io.github.microsam.train.synthetic;

import io.github.microsam.image.EightBitImage;
import io.github.microsam.train.data.StableRandom;

/** Turns painted layers into an image: illumination, point spread, noise, 8 bits. */
final class Camera {
  /** Part of the noise that does not come from the light. */
  private static final double READ_NOISE = 0.35;

  private final Canvas canvas;
  private final SyntheticOptions.Optics optics;
  private final StableRandom random;

  Camera(Canvas canvas, SyntheticOptions.Optics optics, StableRandom random) {
    this.canvas = canvas;
    this.optics = optics;
    this.random = random;
  }

  /** One channel for each layer. */
  EightBitImage take(float[]... layers) {
    int pixels = canvas.width * canvas.height;
    byte[] bytes = new byte[layers.length * pixels];
    float[] light = illumination();
    for (int c = 0; c < layers.length; c++) {
      for (int i = 0; i < pixels; i++) {
        layers[c][i] *= light[i];
      }
      float[] sharp = layers[c];
      float[] seen = optics.blur() > 0 ? canvas.smoothed(sharp, optics.blur()) : sharp;
      for (int i = 0; i < pixels; i++) {
        bytes[c * pixels + i] = (byte) recorded(seen[i]);
      }
    }
    return new EightBitImage(canvas.width, canvas.height, layers.length, bytes);
  }

  /** Photons arrive at random, so the noise grows with the root of the brightness. */
  private int recorded(double value) {
    double sigma =
        optics.noise()
            * Math.sqrt(READ_NOISE * READ_NOISE + Math.max(0, value))
            / Math.sqrt(1 + READ_NOISE * READ_NOISE);
    double grey = 255 * value + (sigma > 0 ? sigma * random.nextGaussian() : 0);
    return (int) Math.min(255, Math.max(0, Math.rint(grey)));
  }

  /** A bright spot somewhere, and a slope. */
  private float[] illumination() {
    double cx = canvas.width * random.nextDouble(0.2, 0.8);
    double cy = canvas.height * random.nextDouble(0.2, 0.8);
    double far = StrictMath.hypot(canvas.width, canvas.height) / 1.6;
    float[] light = new float[canvas.width * canvas.height];
    for (int y = 0; y < canvas.height; y++) {
      for (int x = 0; x < canvas.width; x++) {
        double dx = (x - cx) / far;
        double dy = (y - cy) / far;
        light[y * canvas.width + x] =
            (float) (1 - optics.unevenness() * Math.min(1, dx * dx + dy * dy));
      }
    }
    return light;
  }
}
