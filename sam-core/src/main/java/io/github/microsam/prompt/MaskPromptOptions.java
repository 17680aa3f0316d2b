package io.github.microsam.prompt;

/**
 * What a prompt takes from a mask of the object (micro_sam: {@code segment_from_mask}).
 *
 * @param box whether to take the box around the object
 * @param logits whether to take the mask itself
 * @param points which points to take
 * @param boxExtension how far the box reaches beyond the object on each side: below 1 a fraction of
 *     the box's side, from 1 on a number of pixels; the points are looked for in this box too
 * @param logitsSide side of the decoder's masks in pixels: a quarter of the encoder's input
 */
public record MaskPromptOptions(
    boolean box, boolean logits, Points points, double boxExtension, int logitsSide) {

  /** Which points are derived from a mask. */
  public enum Points {
    /** None. */
    NONE,
    /** One: the pixel of the object that is farthest from its boundary. */
    CENTER,
    /**
     * Positive ones where the distance to the boundary is largest within 3 pixels inside the
     * object, negative ones where it is largest within 5 pixels outside.
     */
    MAXIMA
  }

  /**
   * Checks the options.
   *
   * @param box whether to take the box around the object
   * @param logits whether to take the mask itself
   * @param points which points to take
   * @param boxExtension not negative
   * @param logitsSide at least 1
   * @throws PromptException if nothing is taken or a number is out of range
   */
  public MaskPromptOptions {
    if (!box && !logits && points == Points.NONE) {
      throw new PromptException("A prompt from a mask needs its box, its logits or points.");
    }
    if (!(boxExtension >= 0) || Double.isInfinite(boxExtension)) {
      throw new PromptException(
          "A box extension of " + boxExtension + "; expected a fraction, or 1 or more pixels.");
    }
    if (logitsSide < 1) {
      throw new PromptException("Mask logits of side " + logitsSide + "; expected 256.");
    }
  }

  /**
   * Box and mask, no points, no extension: for the published models.
   *
   * @return the options
   */
  public static MaskPromptOptions defaults() {
    return new MaskPromptOptions(true, true, Points.NONE, 0, 256);
  }

  /**
   * With or without the box.
   *
   * @param box whether to take the box around the object
   * @return a copy
   */
  public MaskPromptOptions withBox(boolean box) {
    return new MaskPromptOptions(box, logits, points, boxExtension, logitsSide);
  }

  /**
   * With or without the mask itself.
   *
   * @param logits whether to take it
   * @return a copy
   */
  public MaskPromptOptions withLogits(boolean logits) {
    return new MaskPromptOptions(box, logits, points, boxExtension, logitsSide);
  }

  /**
   * With other points.
   *
   * @param points which points to take
   * @return a copy
   */
  public MaskPromptOptions withPoints(Points points) {
    return new MaskPromptOptions(box, logits, points, boxExtension, logitsSide);
  }

  /**
   * With another extension of the box.
   *
   * @param boxExtension below 1 a fraction of the box's side, from 1 on pixels
   * @return a copy
   */
  public MaskPromptOptions withBoxExtension(double boxExtension) {
    return new MaskPromptOptions(box, logits, points, boxExtension, logitsSide);
  }

  /**
   * For a model with an input of another size.
   *
   * @param logitsSide a quarter of the encoder's input
   * @return a copy
   */
  public MaskPromptOptions withLogitsSide(int logitsSide) {
    return new MaskPromptOptions(box, logits, points, boxExtension, logitsSide);
  }
}
