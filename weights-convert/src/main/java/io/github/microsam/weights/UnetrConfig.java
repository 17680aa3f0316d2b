package io.github.microsam.weights;

/**
 * The architecture of micro-sam's UNETR decoder (torch_em/model/unetr.py without skip connections).
 *
 * @param initialFeatures channels of the finest level, 64 in the published models; each coarser
 *     level has twice as many
 * @param upsamplings doublings from the embedding to the input, 4 for a stride of 16
 * @param transposed whether levels are enlarged by transposed convolutions instead of bilinear
 *     interpolation and a 1×1 convolution
 * @param outChannels channels of the output: 3 for foreground, centre distance and boundary
 *     distance
 */
public record UnetrConfig(
    int initialFeatures, int upsamplings, boolean transposed, int outChannels) {

  /** That of the published models, as far as shapes tell. */
  public static final UnetrConfig MICRO_SAM = new UnetrConfig(64, 4, false, 3);
}
