package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Doubling, 3×3 convolution, batch norm and ReLU (torch_em/model/unetr.py: Deconv2DBlock): one step
 * of the branch that stands in for skip connections.
 */
final class Deconv2dBlock {
  private Deconv2dBlock() {}

  /**
   * Adds the block.
   *
   * @param s where; keys {@code block.0} of the doubling, {@code block.1.block} of the convolution,
   *     {@code block.2} of the norm
   * @param x {@code [N, in, size, size]}
   * @param in channels of the input
   * @param out channels of the output
   * @param size side of the map
   * @param transposed how it is doubled
   * @param statistics what the norm normalises with
   * @return {@code [N, out, 2 size, 2 size]}
   */
  static SDVariable add(
      Scope s,
      SDVariable x,
      long in,
      long out,
      long size,
      boolean transposed,
      BatchStatistics statistics) {
    Scope block = s.at("block");
    SDVariable doubled = Upsampler2d.add(block.at(0), x, in, out, size, transposed);
    SDVariable convolved = Conv2d.add(block.at("1.block"), doubled, out, out, 3, 1, 1, true);
    SDVariable normalised = BatchNorm2d.add(block.at(2), convolved, out, statistics, Init.ONES);
    return s.output(Declared.relu(s, normalised));
  }
}
