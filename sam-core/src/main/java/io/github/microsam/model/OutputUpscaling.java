package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The transposed convolutions that bring the embedding to the size of the low-resolution masks,
 * {@code MaskDecoder.output_upscaling}.
 */
final class OutputUpscaling {
  private OutputUpscaling() {}

  /**
   * Adds the layers.
   *
   * @param s where; keys of the convolutions {@code 0}, {@code 3} and the norm {@code 1}
   * @param x {@code [N, channels, E, E]}
   * @param channels of the input
   * @return {@code [N, channels / 8, 4E, 4E]}
   */
  static SDVariable add(Scope s, SDVariable x, long channels) {
    SDVariable twofold = ConvTranspose2d.add(s.at(0), x, channels, channels / 4);
    twofold = Gelu.add(s, LayerNorm2d.add(s.at(1), twofold, channels / 4));
    return s.output(Gelu.add(s, ConvTranspose2d.add(s.at(3), twofold, channels / 4, channels / 8)));
  }
}
