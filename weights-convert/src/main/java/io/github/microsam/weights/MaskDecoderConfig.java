package io.github.microsam.weights;

/**
 * The architecture of SAM's prompt encoder and mask decoder; their width is the embedding's.
 *
 * @param multimaskOutputs candidate masks for an ambiguous prompt, 3 in the published models
 * @param depth layers of the two-way transformer, 2 in the published models
 * @param heads attention heads, 8 in the published models; shapes do not tell
 * @param mlpWidth hidden channels of the transformer's MLP, 2048 in the published models
 * @param iouHeadDepth layers of the head that predicts the IoU, 3 in the published models
 * @param iouHeadWidth hidden channels of that head, 256 in the published models
 * @param maskChannels channels of the last hidden layer for mask prompts, 16 in the published
 *     models
 */
public record MaskDecoderConfig(
    int multimaskOutputs,
    int depth,
    int heads,
    int mlpWidth,
    int iouHeadDepth,
    int iouHeadWidth,
    int maskChannels) {

  /** That of all published models. */
  public static final MaskDecoderConfig SAM = new MaskDecoderConfig(3, 2, 8, 2048, 3, 256, 16);

  /**
   * The same with another number of candidate masks.
   *
   * @param multimaskOutputs how many there are
   * @return a copy
   */
  public MaskDecoderConfig withMultimaskOutputs(int multimaskOutputs) {
    return new MaskDecoderConfig(
        multimaskOutputs, depth, heads, mlpWidth, iouHeadDepth, iouHeadWidth, maskChannels);
  }
}
