package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/** Twice instance norm, 3×3 convolution and ReLU (torch_em/model/unet.py: ConvBlock2d). */
final class ConvBlock2d {
  private ConvBlock2d() {}

  /**
   * Adds the block.
   *
   * @param s where; keys {@code block.1} and {@code block.4} of the convolutions
   * @param x {@code [N, in, size, size]}
   * @param in channels of the input
   * @param out channels of the output
   * @param size side of the map
   * @return {@code [N, out, size, size]}
   */
  static SDVariable add(Scope s, SDVariable x, long in, long out, long size) {
    SDVariable first = half(s.at("block.1"), x, in, out, size);
    return s.output(half(s.at("block.4"), first, out, out, size));
  }

  private static SDVariable half(Scope s, SDVariable x, long in, long out, long size) {
    SDVariable convolved = Conv2d.add(s, InstanceNorm2d.add(s, x, size), in, out, 3, 1, 1, true);
    return Declared.relu(s, convolved);
  }
}
