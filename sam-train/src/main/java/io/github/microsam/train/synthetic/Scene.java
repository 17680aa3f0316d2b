package io.github.microsam.train.synthetic;

import io.github.microsam.train.data.StableRandom;

/** Paints one kind of image. */
interface Scene {
  /**
   * Paints an image and its labels.
   *
   * @param canvas empty; gets the labels
   * @return a layer for each channel, grey levels from 0 to 1
   */
  float[][] paint(Canvas canvas, SyntheticOptions options, StableRandom random);

  static Scene of(SyntheticKind kind) {
    return switch (kind) {
      case NUCLEI -> new NucleiScene();
      case PHASE_CONTRAST -> new PhaseContrastScene();
      case MEMBRANES -> new MembraneScene();
      case VESICLES -> new VesicleScene();
      case TISSUE -> new TissueScene();
      case CYTOLOGY -> new CytologyScene();
    };
  }
}
