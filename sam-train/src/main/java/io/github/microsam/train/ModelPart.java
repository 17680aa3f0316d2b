package io.github.microsam.train;

/** A part of a model that may be trained or frozen. */
public enum ModelPart {
  /** Keys that begin with {@code image_encoder}. */
  IMAGE_ENCODER("image_encoder."),
  /** Keys that begin with {@code prompt_encoder}. */
  PROMPT_ENCODER("prompt_encoder."),
  /** Keys that begin with {@code mask_decoder}. */
  MASK_DECODER("mask_decoder."),
  /** The decoder for automatic segmentation: all other keys. */
  UNETR_DECODER("");

  private final String prefix;

  ModelPart(String prefix) {
    this.prefix = prefix;
  }

  /**
   * The part that a weight belongs to.
   *
   * @param key PyTorch key
   * @return the part
   */
  public static ModelPart of(String key) {
    for (ModelPart part : values()) {
      if (key.startsWith(part.prefix)) {
        return part;
      }
    }
    throw new IllegalStateException("every key begins with nothing");
  }
}
