package io.github.microsam.model;

import io.github.microsam.model.TwoWayAttentionBlock.Tokens;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The mask decoder's transformer, in which prompts attend to the image and the image to the prompts
 * (segment_anything/modeling/transformer.py).
 *
 * @param channels width of the tokens
 * @param depth number of layers
 * @param heads attention heads
 * @param mlpWidth hidden channels of a layer's MLP
 */
record TwoWayTransformer(long channels, int depth, int heads, long mlpWidth) {

  /**
   * Adds the transformer.
   *
   * @param s where; keys of {@code layers}, {@code final_attn_token_to_image}, {@code
   *     norm_final_attn}
   * @param image {@code [1 or N, S, channels]}, the image's tokens
   * @param imagePe {@code [1, S, channels]}
   * @param prompts {@code [N, T, channels]}, the prompts' tokens
   * @return the tokens, those of the image N-fold
   */
  Tokens add(Scope s, SDVariable image, SDVariable imagePe, SDVariable prompts) {
    Tokens tokens = new Tokens(prompts, image);
    for (int i = 0; i < depth; i++) {
      TwoWayAttentionBlock layer = new TwoWayAttentionBlock(channels, heads, mlpWidth, i == 0);
      tokens = layer.add(s.at("layers").at(i), tokens, prompts, imagePe);
    }
    SDVariable placedKeys = Declared.sum(s, tokens.keys(), imagePe);
    int mark = s.regions().mark();
    SDVariable attended =
        new DownsampledAttention(channels, channels / TwoWayAttentionBlock.DOWNSAMPLE_RATE, heads)
            .addWithSharedKeys(
                s.at("final_attn_token_to_image"),
                Declared.sum(s, tokens.queries(), prompts),
                placedKeys,
                tokens.keys());
    SDVariable queries =
        LayerNorm.add(
            s.at("norm_final_attn"),
            Declared.sum(s, tokens.queries(), attended),
            channels,
            TwoWayAttentionBlock.EPSILON);
    s.regions().group(mark, queries);
    return new Tokens(queries, tokens.keys());
  }
}
