package io.github.microsam.train.synthetic;

import java.util.OptionalDouble;

/**
 * What may be chosen of synthetic images of any kind; what is left out is as typical for the kind.
 * Immutable.
 *
 * @param density part of the area that objects cover, 0 to 1
 * @param overlap how far touching objects lie on each other, 0 to 0.8
 * @param blur standard deviation of the point spread in pixels
 * @param noise standard deviation of the camera's noise at full brightness, in grey levels of 255
 * @param background grey level without objects, 0 to 1
 */
public record SyntheticLook(
    OptionalDouble density,
    OptionalDouble overlap,
    OptionalDouble blur,
    OptionalDouble noise,
    OptionalDouble background) {

  /**
   * Images of this look.
   *
   * @param typical what is not chosen
   * @return new options
   * @throws IllegalArgumentException if a value is out of its range
   */
  public SyntheticOptions of(SyntheticOptions typical) {
    SyntheticOptions.Objects objects = typical.objects();
    SyntheticOptions.Optics optics = typical.optics();
    return typical
        .withObjects(
            objects
                .withDensity(density.orElse(objects.density()))
                .withTouching(objects.touching(), overlap.orElse(objects.overlap())))
        .withOptics(
            optics
                .withBlur(blur.orElse(optics.blur()))
                .withNoise(noise.orElse(optics.noise()))
                .withBrightness(background.orElse(optics.background()), optics.contrast()));
  }
}
