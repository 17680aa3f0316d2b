package io.github.microsam.weights;

/** The ways in which converted checkpoints can name their tensors. */
public enum OutputLayout {
  /**
   * What the readers of the format expect: in safetensors {@link #FLAT}; in PyTorch's format {@link
   * #MICRO_SAM} for a whole model with a decoder for automatic segmentation, {@link #SAM} for one
   * without, {@link #FLAT} for parts of a model.
   */
  AUTOMATIC,
  /** Every tensor of the file, optimizer and all, under the name that it has. */
  AS_IS,
  /** All weights of the model under their canonical keys. */
  FLAT,
  /**
   * SAM's state dict, which segment-anything loads strictly. A decoder for automatic segmentation
   * is left out.
   */
  SAM,
  /**
   * {@code {"model_state", "decoder_state"}}, which micro-sam loads, with the decoder for automatic
   * segmentation.
   */
  MICRO_SAM
}
