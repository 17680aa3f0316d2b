package io.github.microsam.train.data;

/**
 * How patches are varied. Each number bounds a change whose size is drawn uniformly for every
 * patch; 0 leaves it out.
 *
 * @param flips whether patches are mirrored, left to right and top to bottom, each every second
 *     time
 * @param quarterTurns whether patches are turned by 0, 90, 180 or 270 degrees
 * @param minScale smallest magnification; below 1 a patch shows more of the image, smaller
 * @param maxScale largest magnification; scales are drawn uniformly by their logarithm
 * @param contrast c: values are spread around the patch's mean by a factor from 1 / (1 + c) to 1 +
 *     c
 * @param brightness largest shift of all values, up or down, in grey levels of 255
 * @param gamma g: values become 255 (v / 255)<sup>e</sup> with e from 1 / (1 + g) to 1 + g
 * @param colour k: each channel of a colour image is multiplied by a factor from 1 − k to 1 + k
 * @param noise largest standard deviation of normal noise, in grey levels of 255
 * @param blur largest standard deviation of Gaussian smoothing, in pixels
 * @param invert how often, from 0 to 1, bright and dark are exchanged
 */
public record Augmentation(
    boolean flips,
    boolean quarterTurns,
    double minScale,
    double maxScale,
    double contrast,
    double brightness,
    double gamma,
    double colour,
    double noise,
    double blur,
    double invert) {

  /**
   * Checks the ranges.
   *
   * @param flips whether patches are mirrored
   * @param quarterTurns whether patches are turned
   * @param minScale above 0
   * @param maxScale no less than {@code minScale}
   * @param contrast 0 or more
   * @param brightness 0 or more
   * @param gamma 0 or more
   * @param colour from 0 to 1
   * @param noise 0 or more
   * @param blur 0 or more
   * @param invert from 0 to 1
   * @throws IllegalArgumentException if one is out of its range
   */
  public Augmentation {
    if (!(minScale > 0 && maxScale >= minScale && maxScale < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "scales from %s to %s; expected above 0, the smaller first"
              .formatted(minScale, maxScale));
    }
    for (double range : new double[] {contrast, brightness, gamma, colour, noise, blur, invert}) {
      if (!(range >= 0) || Double.isInfinite(range)) {
        throw new IllegalArgumentException("augmentation by " + range + "; expected 0 or more");
      }
    }
    if (colour > 1 || invert > 1) {
      throw new IllegalArgumentException(
          "colour %s and invert %s; expected 0 to 1".formatted(colour, invert));
    }
  }

  /**
   * No change.
   *
   * @return the options
   */
  public static Augmentation none() {
    return new Augmentation(false, false, 1, 1, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * Mirrored patches only, as the reference does.
   *
   * @return the options
   */
  public static Augmentation mirrored() {
    return none().withOrientations(true, false);
  }

  /**
   * Moderate changes of everything but inversion, for training on few images.
   *
   * @return the options
   */
  public static Augmentation moderate() {
    return new Augmentation(true, true, 0.75, 1.33, 0.3, 20, 0.3, 0.1, 8, 1, 0);
  }

  /**
   * The same with other orientations.
   *
   * @param flips whether patches are mirrored
   * @param quarterTurns whether patches are turned
   * @return new options
   */
  public Augmentation withOrientations(boolean flips, boolean quarterTurns) {
    return changed(flips, quarterTurns, minScale, maxScale);
  }

  /**
   * The same with other scales.
   *
   * @param minScale smallest magnification
   * @param maxScale largest magnification
   * @return new options
   */
  public Augmentation withScales(double minScale, double maxScale) {
    return changed(flips, quarterTurns, minScale, maxScale);
  }

  private Augmentation changed(
      boolean flips, boolean quarterTurns, double minScale, double maxScale) {
    return new Augmentation(
        flips,
        quarterTurns,
        minScale,
        maxScale,
        contrast,
        brightness,
        gamma,
        colour,
        noise,
        blur,
        invert);
  }
}
