package io.github.microsam.weights;

/** The ways in which Segment Anything checkpoints name their tensors. */
public enum Layout {
  /**
   * The state dict of a SAM: {@code image_encoder.…}, {@code prompt_encoder.…}, {@code
   * mask_decoder.…}.
   */
  SAM("plain SAM state dict"),
  /** SAM and the decoder for automatic segmentation in one map, as this library's own files. */
  FLAT("SAM and decoder in one map"),
  /** The decoder for automatic segmentation alone. */
  DECODER("decoder for automatic segmentation only"),
  /** {@code {"model_state", "decoder_state"}} without a prefix, what micro-sam exports. */
  MICRO_SAM_EXPORT("micro-sam export"),
  /** A micro-sam training checkpoint: {@code model_state} with the prefix {@code sam.} and more. */
  MICRO_SAM_TRAINING("micro-sam training checkpoint"),
  /**
   * An image encoder named {@code encoder.…} with the decoder for automatic segmentation, from
   * training for that alone; there is no prompt encoder and no mask decoder.
   */
  UNETR("UNETR: image encoder and decoder for automatic segmentation");

  private final String description;

  Layout(String description) {
    this.description = description;
  }

  /**
   * What the layout is, for people.
   *
   * @return a few words
   */
  public String description() {
    return description;
  }
}
