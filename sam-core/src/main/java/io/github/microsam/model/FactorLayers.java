package io.github.microsam.model;

import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.VitConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Factor tuning (FacT, Jie and Deng 2023; {@code FacTSurgery} of micro-sam): to queries and values
 * {@code V(F(U(x)))} is added, with an F for each. In training there is dropout before V: a mask by
 * which the values are multiplied, an input of the graph, so that what is drawn is the trainer's
 * business. In inference there is none of it.
 */
final class FactorLayers extends BlockLayers {
  private static final String MASK = "dropout";

  private final int rank;
  private final boolean dropout;

  FactorLayers(Adapter.FacT config, boolean dropout) {
    rank = config.rank();
    this.dropout = dropout;
  }

  /**
   * The masks that a graph with dropout wants.
   *
   * @param module path of the encoder
   * @param config which blocks are adapted
   * @param encoder that they are in
   * @param images of a batch
   * @return shapes {@code [2, B, side, side, rank]} by name: for queries and for values, and a B of
   *     all windows of all images
   */
  static Map<String, long[]> masks(
      String module, Adapter.FacT config, VitConfig encoder, int images) {
    Map<String, long[]> masks = new LinkedHashMap<>();
    for (int block : config.blocks()) {
      boolean global = encoder.globalBlocks().contains(block);
      WindowPartition windows =
          new WindowPartition(
              encoder.embeddingSize(),
              encoder.embeddingSize(),
              encoder.width(),
              global ? encoder.embeddingSize() : encoder.window());
      long[] shape = {
        2, (long) images * windows.count(), windows.window(), windows.window(), config.rank()
      };
      masks.put(module + ".blocks." + block + ".attn.qkv." + MASK, shape);
    }
    return masks;
  }

  @Override
  SDVariable qkv(Scope s, SDVariable x, int width) {
    SDVariable y = super.qkv(s.at("qkv_proj"), x, width);
    SDVariable low = Linear.withoutBias(s.at("FacTu"), x, width, rank, Init.uniform(width));
    SDVariable q = Linear.withoutBias(s.at("q_FacTs"), low, rank, rank, Init.uniform(rank));
    SDVariable v = Linear.withoutBias(s.at("v_FacTs"), low, rank, rank, Init.uniform(rank));
    SDVariable factors = s.sd().stack(0, q, v);
    if (dropout) {
      factors = factors.mul(s.sd().placeHolder(s.key(MASK), s.dataType(), 2, -1, -1, -1, rank));
    }
    // One layer serves both.
    SDVariable high = Linear.withoutBias(s.at("FacTv"), factors, rank, width, Init.uniform(rank));
    SDVariable[] both = s.sd().unstack(high, 0, 2);
    return s.output(
        y.add(LoraLayers.placed(both[0], width, "q")).add(LoraLayers.placed(both[1], width, "v")));
  }
}
