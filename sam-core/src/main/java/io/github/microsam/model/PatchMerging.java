package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/** The step between two of TinyViT's stages: more channels, and half the size or the same. */
final class PatchMerging {
  private PatchMerging() {}

  /**
   * Adds the step.
   *
   * @param s where; modules {@code conv1} to {@code conv3}
   * @param x {@code [N, in, H, W]}
   * @param in channels of the input
   * @param out channels of the output
   * @param stride 2 to halve the size, 1 to keep it
   * @param layers the layers it is made of
   * @return {@code [N, out, H / stride, W / stride]}, rounded up
   */
  static SDVariable add(
      Scope s, SDVariable x, long in, long out, int stride, TinyVitLayers layers) {
    SDVariable y = layers.pointwise(s.at("conv1"), x, in, out, Init.ONES);
    y = layers.depthwise(s.at("conv2"), Gelu.add(s, y), out, stride);
    return s.output(layers.pointwise(s.at("conv3"), Gelu.add(s, y), out, out, Init.ONES));
  }
}
