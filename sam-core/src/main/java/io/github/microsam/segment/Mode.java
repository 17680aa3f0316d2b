package io.github.microsam.segment;

/** How an image is segmented without prompts. */
public enum Mode {
  /** {@link #AIS} where the model has a decoder for it, else {@link #AMG}. */
  AUTO,
  /** A grid of points is prompted; works with every model, and is slow. */
  AMG,
  /** Objects grow in the maps of the model's decoder: one pass of the networks. */
  AIS,
  /** Points that the decoder's maps show are prompted; slower than AIS, with SAM's masks. */
  APG
}
