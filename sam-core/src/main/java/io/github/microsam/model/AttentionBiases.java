package io.github.microsam.model;

/** What TinyViT does with its attention biases. */
public enum AttentionBiases {
  /** Adds them to the attention's logits: the model as it was trained. */
  LEARNED,

  /**
   * Leaves them out. micro-sam's inference with vit_t does so unawares: the reference copies the
   * biases when it is put into evaluation mode, which micro-sam does before it loads the
   * checkpoint, so the copies stay zero. For reproducing its numbers only.
   */
  IGNORED
}
