package io.github.microsam.label;

/** Which pixels are boundaries between objects; names and meaning of scikit-image. */
public enum BoundaryMode {
  /** Object pixels with a face neighbour of another id or background. */
  INNER,
  /**
   * Background pixels with a face neighbour in an object; where two objects touch, the pixels of
   * both.
   */
  OUTER,
  /** All pixels with a face neighbour of another id. */
  THICK
}
