package io.github.microsam.train.data;

/** How the values of an image become the 0 to 255 that the networks take. */
public enum Intensities {
  /**
   * Each channel of the whole image from its smallest to its largest value, as inference does
   * ({@link io.github.microsam.image.EightBitImage#minMax}); for images of any type.
   */
  MIN_MAX,
  /** As they are; they must be whole numbers from 0 to 255. */
  AS_IS
}
