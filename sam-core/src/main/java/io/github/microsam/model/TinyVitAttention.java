package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Attention within square windows, with a norm before it and a bias for each head and each distance
 * of two tokens along y and along x (mobile_sam/modeling/tiny_vit_sam.py: Attention).
 *
 * @param channels channels of a token
 * @param heads attention heads, a divisor of the channels
 * @param window side of a window
 * @param biases whether the biases are added
 * @param layers the layers it is made of
 */
record TinyVitAttention(
    int channels, int heads, int window, AttentionBiases biases, TinyVitLayers layers) {

  /**
   * Adds the layer.
   *
   * @param s where; key {@code attention_biases [heads, window²]}, modules {@code norm}, {@code
   *     qkv} and {@code proj}
   * @param x {@code [windows, window, window, channels]}
   * @return the same shape
   */
  SDVariable add(Scope s, SDVariable x) {
    SameDiff sd = s.sd();
    int tokens = window * window;
    int width = channels / heads;
    SDVariable table = s.parameter("attention_biases", Init.ZEROS, heads, tokens);
    SDVariable normalised = layers.layerNorm(s.at("norm"), x, channels);
    SDVariable qkv = layers.linear(s.at("qkv"), normalised, channels, 3L * channels);
    // Each head's query, key and value lie side by side.
    SDVariable parts = sd.permute(sd.reshape(qkv, -1, tokens, heads, 3, width), 3, 0, 2, 1, 4);
    SDVariable q = part(parts, 0).mul(1 / Math.sqrt(width));
    SDVariable logits = sd.mmul(q, part(parts, 1), false, true, false);
    List<SDVariable> inputs = List.of(qkv);
    if (biases == AttentionBiases.LEARNED) {
      SDVariable byHead = sd.reshape(logits, -1, heads, tokens, tokens);
      SDVariable bias = bias(s, table);
      logits = sd.reshape(byHead.add(bias), -1, tokens, tokens);
      inputs = List.of(qkv, bias);
    }
    SDVariable mixed = sd.mmul(sd.nn().softmax(logits, 2), part(parts, 2));
    SDVariable merged = sd.permute(sd.reshape(mixed, -1, heads, tokens, width), 0, 2, 1, 3);
    SDVariable joined = sd.reshape(merged, -1, window, window, channels);
    s.regions().add(Regions.BIASED_ATTENTION, Map.of("heads", heads), inputs, joined);
    return s.output(layers.linear(s.at("proj"), joined, channels, channels));
  }

  /** Queries, keys or values, {@code [windows · heads, tokens, width]}. */
  private SDVariable part(SDVariable parts, int which) {
    SameDiff sd = parts.getSameDiff();
    int allButFirst = 0b11110;
    SDVariable one =
        sd.stridedSlice(
            parts,
            new long[] {which, 0, 0, 0, 0},
            new long[] {which + 1, 0, 0, 0, 0},
            new long[] {1, 1, 1, 1, 1},
            allButFirst,
            allButFirst,
            0,
            0,
            0);
    return sd.reshape(one, -1, (long) window * window, channels / heads);
  }

  /**
   * The bias of each pair of tokens, from the table by distance along y and x: with two products in
   * place of an index, which has no gradient in ND4J.
   *
   * @param s anywhere in the graph
   * @param table {@code [heads, window²]}
   * @return {@code [1, heads, tokens, tokens]}
   */
  SDVariable bias(Scope s, SDVariable table) {
    SameDiff sd = s.sd();
    long pairs = (long) window * window;
    SDVariable distances = s.sharedConstant("distances_" + window, this::distances);
    SDVariable alongX = sd.mmul(sd.reshape(table, -1, window), distances);
    SDVariable yLast = sd.permute(sd.reshape(alongX, heads, window, pairs), 0, 2, 1);
    SDVariable alongBoth = sd.mmul(sd.reshape(yLast, -1, window), distances);
    // [heads, x of query, x of key, y of query, y of key]
    SDVariable grid = sd.reshape(alongBoth, heads, window, window, window, window);
    return sd.reshape(sd.permute(grid, 0, 3, 1, 4, 2), 1, heads, pairs, pairs);
  }

  /** One where the pair of the column is as far apart as the row says, {@code [window, pairs]}. */
  private INDArray distances() {
    INDArray oneHot = Nd4j.zeros(window, (long) window * window);
    for (int i = 0; i < window; i++) {
      for (int j = 0; j < window; j++) {
        oneHot.putScalar(Math.abs(i - j), i * window + j, 1);
      }
    }
    return oneHot;
  }
}
