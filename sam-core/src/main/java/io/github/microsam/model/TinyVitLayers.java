package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The layers that TinyViT's blocks are made of (mobile_sam/modeling/tiny_vit_sam.py): convolutions
 * without a bias, each followed by a batch norm ({@code Conv2d_BN}), and linear layers initialised
 * in its way.
 *
 * @param statistics what the batch norms normalise with
 */
record TinyVitLayers(BatchStatistics statistics) {
  private static final double LAYER_NORM_EPSILON = 1e-5;
  private static final Init LINEAR = Init.truncatedNormal(0.02);

  /**
   * Adds a 3×3 convolution and its norm.
   *
   * @param s where; modules {@code c} and {@code bn}
   * @param x {@code [N, in, H, W]}
   * @param in channels of the input
   * @param out channels of the output
   * @param stride step of the kernel
   * @return {@code [N, out, H / stride, W / stride]}, rounded up
   */
  SDVariable convolution(Scope s, SDVariable x, long in, long out, int stride) {
    return normalised(s, Conv2d.add(s.at("c"), x, in, out, 3, stride, 1, false), out, Init.ONES);
  }

  /**
   * Adds a 1×1 convolution and its norm.
   *
   * @param s where; modules {@code c} and {@code bn}
   * @param x {@code [N, in, H, W]}
   * @param in channels of the input
   * @param out channels of the output
   * @param normWeight how the norm's weight is initialised
   * @return {@code [N, out, H, W]}
   */
  SDVariable pointwise(Scope s, SDVariable x, long in, long out, Init normWeight) {
    return normalised(s, Conv2d.add(s.at("c"), x, in, out, 1, 1, 0, false), out, normWeight);
  }

  /**
   * Adds a 3×3 convolution of each channel by itself and its norm.
   *
   * @param s where; modules {@code c} and {@code bn}
   * @param x {@code [N, channels, H, W]}
   * @param channels size of the second axis
   * @param stride step of the kernel
   * @return {@code [N, channels, H / stride, W / stride]}, rounded up
   */
  SDVariable depthwise(Scope s, SDVariable x, long channels, int stride) {
    return normalised(s, DepthwiseConv2d.add(s.at("c"), x, channels, stride), channels, Init.ONES);
  }

  /**
   * Adds a linear layer.
   *
   * @param s where; keys {@code weight} and {@code bias}
   * @param x {@code [rows, in]}
   * @param in channels of the input
   * @param out channels of the output
   * @return {@code [rows, out]}
   */
  SDVariable linear(Scope s, SDVariable x, long in, long out) {
    return Linear.add(s, x, in, out, LINEAR, Init.ZEROS);
  }

  /**
   * Adds a layer norm.
   *
   * @param s where; keys {@code weight} and {@code bias}
   * @param x {@code [rows, channels]}
   * @param channels size of the last axis
   * @return the same shape
   */
  SDVariable layerNorm(Scope s, SDVariable x, long channels) {
    return LayerNorm.add(s, x, channels, LAYER_NORM_EPSILON);
  }

  private SDVariable normalised(Scope s, SDVariable x, long channels, Init normWeight) {
    return s.output(BatchNorm2d.add(s.at("bn"), x, channels, statistics, normWeight));
  }
}
