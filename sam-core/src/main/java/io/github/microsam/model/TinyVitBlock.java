package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * TinyViT's transformer block: attention in windows, a depthwise convolution and a perceptron
 * (mobile_sam/modeling/tiny_vit_sam.py: TinyViTBlock, Mlp).
 *
 * @param size side of the map of tokens
 * @param attention the attention
 */
record TinyVitBlock(int size, TinyVitAttention attention) {
  private static final int EXPANSION = 4;

  /**
   * Adds the block.
   *
   * @param s where; modules {@code attn}, {@code local_conv} and {@code mlp}
   * @param x {@code [N, size, size, channels]}
   * @return the same shape
   */
  SDVariable add(Scope s, SDVariable x) {
    int channels = attention.channels();
    WindowPartition windows = new WindowPartition(size, size, channels, attention.window());
    SDVariable attended =
        Declared.sum(
            s, windows.reverse(s, attention.add(s.at("attn"), windows.partition(s, x))), x);
    SDVariable image = Declared.channelsFirst(s, attended);
    SDVariable local = attention.layers().depthwise(s.at("local_conv"), image, channels, 1);
    SDVariable tokens = Declared.channelsLast(s, local);
    return s.output(Declared.sum(s, tokens, perceptron(s.at("mlp"), tokens)));
  }

  private SDVariable perceptron(Scope s, SDVariable tokens) {
    TinyVitLayers layers = attention.layers();
    long channels = attention.channels();
    long hidden = EXPANSION * channels;
    SDVariable normalised = layers.layerNorm(s.at("norm"), tokens, channels);
    SDVariable wide = layers.linear(s.at("fc1"), normalised, channels, hidden);
    return s.output(layers.linear(s.at("fc2"), Gelu.add(s, wide), hidden, channels));
  }
}
