package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A layer of the mask decoder's transformer: the prompts' tokens attend to each other, then to the
 * image; an MLP acts on them; then the image attends to them
 * (segment_anything/modeling/transformer.py). The tokens' own positional encoding is what they were
 * before the first layer.
 *
 * @param channels width of the tokens
 * @param heads attention heads
 * @param mlpWidth hidden channels of the MLP
 * @param first whether it is the first layer, whose self-attention has neither positional encoding
 *     nor residual
 */
record TwoWayAttentionBlock(long channels, int heads, long mlpWidth, boolean first) {
  /** Epsilon of the layer norms: PyTorch's default. */
  static final double EPSILON = 1e-5;

  /** How much narrower than the tokens the attention between tokens and image is. */
  static final int DOWNSAMPLE_RATE = 2;

  /**
   * What goes through the layers.
   *
   * @param queries {@code [N, T, channels]}, the prompts' tokens
   * @param keys {@code [1 or N, S, channels]}, the image's
   */
  record Tokens(SDVariable queries, SDVariable keys) {}

  /**
   * Adds the layer.
   *
   * @param s where; keys of {@code self_attn}, {@code cross_attn_token_to_image}, {@code mlp.lin1},
   *     {@code mlp.lin2}, {@code cross_attn_image_to_token}, {@code norm1} … {@code norm4}
   * @param tokens what comes in
   * @param queryPe {@code [N, T, channels]}
   * @param keyPe {@code [1, S, channels]}
   * @return what goes out; there the image's tokens are N-fold
   */
  Tokens add(Scope s, Tokens tokens, SDVariable queryPe, SDVariable keyPe) {
    DownsampledAttention self = new DownsampledAttention(channels, channels, heads);
    DownsampledAttention cross =
        new DownsampledAttention(channels, channels / DOWNSAMPLE_RATE, heads);
    SDVariable queries = tokens.queries();
    SDVariable keys = tokens.keys();
    SDVariable placedKeys = Declared.sum(s, keys, keyPe);
    int mark = s.regions().mark();
    if (first) {
      queries = self.addWithSharedKeys(s.at("self_attn"), queries, queries, queries);
    } else {
      SDVariable q = Declared.sum(s, queries, queryPe);
      queries = Declared.sum(s, queries, self.addWithSharedKeys(s.at("self_attn"), q, q, queries));
    }
    queries = norm(s.at("norm1"), queries);

    Scope toImage = s.at("cross_attn_token_to_image");
    queries =
        Declared.sum(
            s,
            queries,
            cross.addWithSharedKeys(toImage, Declared.sum(s, queries, queryPe), placedKeys, keys));
    queries = norm(s.at("norm2"), queries);

    queries = norm(s.at("norm3"), Declared.sum(s, queries, mlp(s.at("mlp"), queries)));
    s.regions().group(mark, queries);

    Scope toTokens = s.at("cross_attn_image_to_token");
    SDVariable placedQueries = Declared.sum(s, queries, queryPe);
    mark = s.regions().mark();
    SDVariable seen = cross.addWithSharedQueries(toTokens, placedKeys, placedQueries, queries);
    keys = norm(s.at("norm4"), Declared.sum(s, keys, seen));
    s.regions().groupOneByOne(mark, keys);
    return new Tokens(queries.rename(s.key("queries")), keys.rename(s.key("keys")));
  }

  private SDVariable mlp(Scope s, SDVariable x) {
    SDVariable hidden = Declared.relu(s, Linear.add(s.at("lin1"), x, channels, mlpWidth));
    return s.output(Linear.add(s.at("lin2"), hidden, mlpWidth, channels));
  }

  private SDVariable norm(Scope s, SDVariable x) {
    return LayerNorm.add(s, x, channels, EPSILON);
  }
}
