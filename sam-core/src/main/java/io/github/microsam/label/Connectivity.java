package io.github.microsam.label;

/** Which pixels touch. */
public enum Connectivity {
  /** Pixels that share a face: 4 neighbours in 2D, 6 in 3D; SciPy's and elf's connectivity 1. */
  FACES,
  /** Pixels that share a face, edge or corner: 8 neighbours in 2D, 26 in 3D. */
  FULL
}
