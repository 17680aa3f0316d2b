package io.github.microsam.weights;

import java.util.Optional;

/**
 * The architecture of a Segment Anything model: what one has to know, besides the weights, to build
 * its graphs.
 *
 * @param encoder the image encoder
 * @param maskDecoder the mask decoder
 * @param unetr the decoder for automatic segmentation that micro-sam adds, if the model has one
 */
public record SamConfig(
    EncoderConfig encoder, MaskDecoderConfig maskDecoder, Optional<UnetrConfig> unetr) {

  /**
   * The same model with another image encoder.
   *
   * @param encoder the image encoder
   * @return a copy with that encoder
   */
  public SamConfig withEncoder(EncoderConfig encoder) {
    return new SamConfig(encoder, maskDecoder, unetr);
  }

  /**
   * The same model with another mask decoder.
   *
   * @param maskDecoder the mask decoder
   * @return a copy with that decoder
   */
  public SamConfig withMaskDecoder(MaskDecoderConfig maskDecoder) {
    return new SamConfig(encoder, maskDecoder, unetr);
  }

  /**
   * The same model with another, or no, decoder for automatic segmentation.
   *
   * @param unetr the decoder
   * @return a copy with that decoder
   */
  public SamConfig withUnetr(Optional<UnetrConfig> unetr) {
    return new SamConfig(encoder, maskDecoder, unetr);
  }

  /**
   * The architecture as parts of a model, all there.
   *
   * @return the same
   */
  public ModelParts parts() {
    return new ModelParts(Optional.of(encoder), Optional.of(maskDecoder), unetr);
  }
}
