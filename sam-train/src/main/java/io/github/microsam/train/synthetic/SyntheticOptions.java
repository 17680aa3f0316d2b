package io.github.microsam.train.synthetic;

import io.github.microsam.train.data.StableRandom;

/**
 * What {@link SyntheticCells} makes.
 *
 * @param kind what the image shows
 * @param width in pixels
 * @param height in pixels
 * @param objects number, size and shape of the objects
 * @param optics how the microscope shows them
 */
public record SyntheticOptions(
    SyntheticKind kind, int width, int height, Objects objects, Optics optics) {

  /**
   * Checks the sizes.
   *
   * @param kind what the image shows
   * @param width at least 8
   * @param height at least 8
   * @param objects number, size and shape of the objects
   * @param optics how the microscope shows them
   * @throws IllegalArgumentException if a side is too short
   */
  public SyntheticOptions {
    if (width < 8 || height < 8) {
      throw new IllegalArgumentException(
          "a synthetic image of %d x %d pixels; expected 8 or more".formatted(width, height));
    }
  }

  /**
   * Number, size and shape of objects.
   *
   * @param diameter mean diameter in pixels, 4 or more
   * @param spread standard deviation of the diameter, relative to it, 0 to 0.5
   * @param density part of the area that objects cover, about, 0 to 1
   * @param touching part of the objects that are put next to another one, 0 to 1; membranes always
   *     touch
   * @param overlap how far those lie on each other, as part of the distance of their centres, 0 to
   *     0.8; labels have what is visible
   * @param irregularity how far outlines are from ellipses, 0 to 1
   */
  public record Objects(
      double diameter,
      double spread,
      double density,
      double touching,
      double overlap,
      double irregularity) {

    /**
     * Checks the ranges.
     *
     * @param diameter 4 or more
     * @param spread 0 to 0.5
     * @param density 0 to 1
     * @param touching 0 to 1
     * @param overlap 0 to 0.8
     * @param irregularity 0 to 1
     * @throws IllegalArgumentException if one is out of its range
     */
    public Objects {
      requireRange("diameter", diameter, 4, 10_000);
      requireRange("spread", spread, 0, 0.5);
      requireRange("density", density, 0, 1);
      requireRange("touching", touching, 0, 1);
      requireRange("overlap", overlap, 0, 0.8);
      requireRange("irregularity", irregularity, 0, 1);
    }

    /**
     * The same with another size.
     *
     * @param diameter mean diameter in pixels
     * @param spread standard deviation of the diameter, relative to it
     * @return new options
     */
    public Objects withDiameter(double diameter, double spread) {
      return new Objects(diameter, spread, density, touching, overlap, irregularity);
    }

    /**
     * The same with another density.
     *
     * @param density part of the area that objects cover
     * @return new options
     */
    public Objects withDensity(double density) {
      return new Objects(diameter, spread, density, touching, overlap, irregularity);
    }

    /**
     * The same with other neighbourhoods.
     *
     * @param touching part of the objects that are put next to another one
     * @param overlap how far those lie on each other
     * @return new options
     */
    public Objects withTouching(double touching, double overlap) {
      return new Objects(diameter, spread, density, touching, overlap, irregularity);
    }

    /**
     * The same with other outlines.
     *
     * @param irregularity how far outlines are from ellipses
     * @return new options
     */
    public Objects withIrregularity(double irregularity) {
      return new Objects(diameter, spread, density, touching, overlap, irregularity);
    }
  }

  /**
   * How a microscope shows objects.
   *
   * @param background grey level without objects, 0 to 1
   * @param contrast how far objects stand out, 0 to 1
   * @param unevenness how far illumination falls off, 0 to 1
   * @param blur standard deviation of the point spread in pixels, 0 or more
   * @param noise standard deviation of the camera's noise at full brightness, in grey levels of 255
   * @param clutter how much there is beside the objects, 0 to 1: objects out of focus, debris,
   *     fibres
   */
  public record Optics(
      double background,
      double contrast,
      double unevenness,
      double blur,
      double noise,
      double clutter) {

    /**
     * Checks the ranges.
     *
     * @param background 0 to 1
     * @param contrast 0 to 1
     * @param unevenness 0 to 1
     * @param blur 0 to 50
     * @param noise 0 to 255
     * @param clutter 0 to 1
     * @throws IllegalArgumentException if one is out of its range
     */
    public Optics {
      requireRange("background", background, 0, 1);
      requireRange("contrast", contrast, 0, 1);
      requireRange("unevenness", unevenness, 0, 1);
      requireRange("blur", blur, 0, 50);
      requireRange("noise", noise, 0, 255);
      requireRange("clutter", clutter, 0, 1);
    }

    /**
     * The same with other brightness.
     *
     * @param background grey level without objects
     * @param contrast how far objects stand out
     * @return new options
     */
    public Optics withBrightness(double background, double contrast) {
      return new Optics(background, contrast, unevenness, blur, noise, clutter);
    }

    /**
     * The same with another illumination.
     *
     * @param unevenness how far illumination falls off
     * @return new options
     */
    public Optics withUnevenness(double unevenness) {
      return new Optics(background, contrast, unevenness, blur, noise, clutter);
    }

    /**
     * The same with another point spread.
     *
     * @param blur standard deviation in pixels
     * @return new options
     */
    public Optics withBlur(double blur) {
      return new Optics(background, contrast, unevenness, blur, noise, clutter);
    }

    /**
     * The same with other noise.
     *
     * @param noise standard deviation at full brightness, in grey levels of 255
     * @return new options
     */
    public Optics withNoise(double noise) {
      return new Optics(background, contrast, unevenness, blur, noise, clutter);
    }

    /**
     * The same with more or less beside the objects.
     *
     * @param clutter how much
     * @return new options
     */
    public Optics withClutter(double clutter) {
      return new Optics(background, contrast, unevenness, blur, noise, clutter);
    }
  }

  /**
   * Typical images of 512 × 512 pixels.
   *
   * @param kind what they show
   * @return the options
   */
  public static SyntheticOptions of(SyntheticKind kind) {
    return switch (kind) {
      case NUCLEI ->
          of(
              kind,
              new Objects(34, 0.2, 0.28, 0.4, 0.08, 0.35),
              new Optics(0.06, 0.5, 0.3, 1.1, 4, 0.4));
      case PHASE_CONTRAST ->
          of(
              kind,
              new Objects(60, 0.2, 0.5, 0.6, 0.1, 0.8),
              new Optics(0.5, 0.6, 0.15, 0.8, 4, 0.3));
      case MEMBRANES ->
          of(kind, new Objects(42, 0.2, 0.95, 0, 0, 0.5), new Optics(0.1, 0.6, 0.3, 1, 7, 0.3));
      case VESICLES ->
          of(
              kind,
              new Objects(30, 0.2, 0.2, 0.4, 0.05, 0.25),
              new Optics(0.6, 0.6, 0.1, 0.8, 10, 0.5));
      case TISSUE ->
          of(
              kind,
              new Objects(30, 0.2, 0.25, 0.3, 0.25, 0.4),
              new Optics(0.85, 0.7, 0.1, 0.8, 3, 0.5));
      case CYTOLOGY ->
          of(kind, new Objects(24, 0.2, 0.05, 0, 0, 0.3), new Optics(0.9, 0.6, 0.08, 0.8, 3, 0.4));
    };
  }

  private static SyntheticOptions of(SyntheticKind kind, Objects objects, Optics optics) {
    return new SyntheticOptions(kind, 512, 512, objects, optics);
  }

  /**
   * The same with another size of the image.
   *
   * @param width in pixels
   * @param height in pixels
   * @return new options
   */
  public SyntheticOptions withSize(int width, int height) {
    return new SyntheticOptions(kind, width, height, objects, optics);
  }

  /**
   * The same with other objects.
   *
   * @param objects number, size and shape
   * @return new options
   */
  public SyntheticOptions withObjects(Objects objects) {
    return new SyntheticOptions(kind, width, height, objects, optics);
  }

  /**
   * The same with other optics.
   *
   * @param optics how the microscope shows the objects
   * @return new options
   */
  public SyntheticOptions withOptics(Optics optics) {
    return new SyntheticOptions(kind, width, height, objects, optics);
  }

  /**
   * Other values around these, so that a training sees sharp and blurred, sparse and dense, large
   * and small.
   *
   * @param random where the draws come from
   * @return new options of the same kind and size
   */
  public SyntheticOptions varied(StableRandom random) {
    Objects o = objects;
    Optics p = optics;
    return withObjects(
            new Objects(
                Math.max(8, o.diameter() * times(2, random)),
                o.spread() * random.nextDouble(0.5, 1.5),
                Math.min(1, o.density() * times(kind == SyntheticKind.MEMBRANES ? 1.1 : 2, random)),
                random.nextDouble(),
                Math.min(0.8, o.overlap() * random.nextDouble(0, 2)),
                Math.min(1, o.irregularity() * random.nextDouble(0.3, 1.7))))
        .withOptics(
            new Optics(
                Math.min(0.95, p.background() * times(1.3, random)),
                Math.min(1, p.contrast() * times(1.6, random)),
                Math.min(1, p.unevenness() * random.nextDouble(0, 2)),
                p.blur() * times(2, random),
                p.noise() * times(2.5, random),
                Math.min(1, p.clutter() * random.nextDouble(0, 2))));
  }

  /** A factor up to so much larger or smaller than 1, uniform by its logarithm. */
  private static double times(double most, StableRandom random) {
    return StrictMath.exp(StrictMath.log(most) * random.nextDouble(-1, 1));
  }

  private static void requireRange(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s %s of a synthetic image; expected %s to %s".formatted(name, value, least, most));
    }
  }
}
