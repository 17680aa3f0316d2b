package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/** TinyViT's convolutional block: an inverted bottleneck with a residual (class MBConv). */
final class MbConv {
  private static final int EXPANSION = 4;

  private MbConv() {}

  /**
   * Adds the block.
   *
   * @param s where; modules {@code conv1} to {@code conv3}
   * @param x {@code [N, channels, H, W]}
   * @param channels size of the second axis
   * @param layers the layers it is made of
   * @return the same shape
   */
  static SDVariable add(Scope s, SDVariable x, long channels, TinyVitLayers layers) {
    long hidden = EXPANSION * channels;
    SDVariable y = layers.pointwise(s.at("conv1"), x, channels, hidden, Init.ONES);
    y = layers.depthwise(s.at("conv2"), Gelu.add(s, y), hidden, 1);
    y = layers.pointwise(s.at("conv3"), Gelu.add(s, y), hidden, channels, Init.ZEROS);
    return s.output(Gelu.add(s, Declared.sum(s, y, x)));
  }
}
