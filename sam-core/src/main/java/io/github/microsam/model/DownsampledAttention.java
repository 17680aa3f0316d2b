package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The mask decoder's attention, whose inner width may be less than that of its tokens ({@code
 * Attention} with {@code downsample_rate} in segment_anything/modeling/transformer.py).
 *
 * <p>One side may have fewer batches than the other: with B of them on the one side and N = B G on
 * the other, G neighbours on the larger side attend to (or are attended by) the same tokens. So the
 * image's tokens, which are the same for all prompts until they have attended to them, are computed
 * once for all prompts.
 *
 * @param channels width of the tokens
 * @param inner width of queries, keys and values over all heads
 * @param heads attention heads; divides {@code inner}
 */
record DownsampledAttention(long channels, long inner, int heads) {

  /**
   * Adds attention to shared keys.
   *
   * @param s where; keys of the linear layers {@code q_proj}, {@code k_proj}, {@code v_proj}, each
   *     {@code [inner, channels]}, and {@code out_proj}
   * @param queries {@code [N, T, channels]}
   * @param keys {@code [B, S, channels]}, where B divides N
   * @param values {@code [B, S, channels]}
   * @return {@code [N, T, channels]}
   */
  SDVariable addWithSharedKeys(Scope s, SDVariable queries, SDVariable keys, SDVariable values) {
    SameDiff sd = s.sd();
    SDVariable batch = sizes(keys, 0, 1);
    SDVariable projectedQueries = project(s, "q_proj", queries);
    SDVariable projectedKeys = project(s, "k_proj", keys);
    SDVariable projectedValues = project(s, "v_proj", values);
    SDVariable q = splitHeads(projectedQueries.mul(scale()), batch);
    SDVariable k = splitHeads(projectedKeys, batch);
    SDVariable v = splitHeads(projectedValues, batch);
    SDVariable weights = sd.nn().softmax(sd.mmul(q, k, false, true, false), -1);
    SDVariable merged = s.sd().permute(sd.mmul(weights, v), 0, 2, 1, 3);
    SDVariable tokens = Shapes.keepLeading(merged, queries, 2, inner);
    declare(s, Regions.SHARED_KEYS, projectedQueries, projectedKeys, projectedValues, tokens);
    return s.output(Linear.add(s.at("out_proj"), tokens, inner, channels));
  }

  /**
   * Adds attention of shared queries.
   *
   * @param s where; keys of the linear layers {@code q_proj}, {@code k_proj}, {@code v_proj}, each
   *     {@code [inner, channels]}, and {@code out_proj}
   * @param queries {@code [B, S, channels]}, where B divides N
   * @param keys {@code [N, T, channels]}
   * @param values {@code [N, T, channels]}
   * @return {@code [N, S, channels]}
   */
  SDVariable addWithSharedQueries(Scope s, SDVariable queries, SDVariable keys, SDVariable values) {
    SameDiff sd = s.sd();
    SDVariable batch = sizes(queries, 0, 1);
    SDVariable headCount = sd.constant(Nd4j.createFromArray((long) heads));
    SDVariable any = sd.constant(Nd4j.createFromArray(-1L));
    SDVariable places = sizes(queries, 1, 2);
    SDVariable tokens = sizes(keys, 1, 2);
    SDVariable projectedQueries = project(s, "q_proj", queries);
    SDVariable projectedKeys = project(s, "k_proj", keys);
    SDVariable projectedValues = project(s, "v_proj", values);
    SDVariable q = splitHeads(projectedQueries, batch);
    SDVariable k = splitHeads(projectedKeys.mul(scale()), batch);
    SDVariable v = splitHeads(projectedValues, sizes(keys, 0, 1));
    // [B, heads, S, G T] -> [B, G, heads, S, T] -> [N, heads, S, T]
    SDVariable scores = sd.mmul(q, k, false, true, false);
    scores = sd.reshape(scores, sd.concat(0, batch, headCount, places, any, tokens));
    scores = sd.permute(scores, 0, 3, 1, 2, 4);
    scores = sd.reshape(scores, sd.concat(0, any, headCount, places, tokens));
    SDVariable mixed = sd.mmul(sd.nn().softmax(scores, -1), v);
    SDVariable rows = sd.reshape(sd.permute(mixed, 0, 2, 1, 3), -1, inner);
    SDVariable shape = sd.concat(0, any, places, sd.constant(Nd4j.createFromArray(inner)));
    SDVariable joined = sd.reshape(rows, shape);
    declare(s, Regions.SHARED_QUERIES, projectedQueries, projectedKeys, projectedValues, joined);
    return s.output(Linear.add(s.at("out_proj"), joined, inner, channels));
  }

  private SDVariable project(Scope s, String module, SDVariable tokens) {
    return Linear.add(s.at(module), tokens, channels, inner);
  }

  private double scale() {
    return 1 / Math.sqrt((double) inner / heads);
  }

  /** {@code [N, T, inner]} to {@code [batch, heads, N T / batch, inner / heads]}. */
  private SDVariable splitHeads(SDVariable x, SDVariable batch) {
    SameDiff sd = x.getSameDiff();
    SDVariable rest = sd.constant(Nd4j.createFromArray(-1L, heads, inner / heads));
    return sd.permute(sd.reshape(x, sd.concat(0, batch, rest)), 0, 2, 1, 3);
  }

  private void declare(
      Scope s, String kind, SDVariable q, SDVariable k, SDVariable v, SDVariable output) {
    s.regions().add(kind, Map.of("heads", heads), List.of(q, k, v), output);
  }

  private static SDVariable sizes(SDVariable x, int from, int to) {
    return x.getSameDiff().shape(x).get(SDIndex.interval(from, to));
  }
}
