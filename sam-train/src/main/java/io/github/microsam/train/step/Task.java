package io.github.microsam.train.step;

/** What a batch is used for. */
public enum Task {
  /** Masks for prompts. */
  PROMPTS,
  /** Maps for automatic segmentation. */
  MAPS,
  /** A class for each pixel. */
  CLASSES
}
