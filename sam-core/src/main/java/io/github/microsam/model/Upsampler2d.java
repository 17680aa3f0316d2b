package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Doubles a map and changes its channels: torch_em's {@code Upsampler2d} (bilinear interpolation
 * and a 1×1 convolution) or {@code SingleDeconv2DBlock} (a transposed convolution).
 */
final class Upsampler2d {
  private Upsampler2d() {}

  /**
   * Adds the layer. Interpolation and 1×1 convolution commute, so the graph convolves first, on a
   * quarter of the pixels; the activation {@code conv} is therefore half as large as PyTorch's.
   *
   * @param s where; key {@code block} of a transposed convolution, {@code conv} of a plain one
   * @param x {@code [N, in, size, size]}
   * @param in channels of the input
   * @param out channels of the output
   * @param size side of the map
   * @param transposed which of the two
   * @return {@code [N, out, 2 size, 2 size]}
   */
  static SDVariable add(Scope s, SDVariable x, long in, long out, long size, boolean transposed) {
    if (transposed) {
      return s.output(ConvTranspose2d.add(s.at("block"), x, in, out));
    }
    SDVariable mixed = Conv2d.add(s.at("conv"), x, in, out, 1, 1, 0, true);
    return s.output(BilinearDoubling.add(s, mixed, out, size));
  }
}
