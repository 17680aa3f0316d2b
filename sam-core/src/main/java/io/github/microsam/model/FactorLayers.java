package io.github.microsam.model;

import io.github.microsam.weights.Adapter;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Factor tuning (FacT, Jie and Deng 2023; {@code FacTSurgery} of micro-sam): to queries and values
 * {@code V(F(U(x)))} is added, with an F for each. The dropout of its training is not part of the
 * graph.
 */
final class FactorLayers extends BlockLayers {
  private final int rank;

  FactorLayers(Adapter.FacT config) {
    rank = config.rank();
  }

  @Override
  SDVariable qkv(Scope s, SDVariable x, int width) {
    SDVariable y = super.qkv(s.at("qkv_proj"), x, width);
    SDVariable low = Linear.withoutBias(s.at("FacTu"), x, width, rank, Init.uniform(width));
    SDVariable q = Linear.withoutBias(s.at("q_FacTs"), low, rank, rank, Init.uniform(rank));
    SDVariable v = Linear.withoutBias(s.at("v_FacTs"), low, rank, rank, Init.uniform(rank));
    // One layer serves both.
    SDVariable high =
        Linear.withoutBias(s.at("FacTv"), s.sd().stack(0, q, v), rank, width, Init.uniform(rank));
    SDVariable[] both = s.sd().unstack(high, 0, 2);
    return s.output(
        y.add(LoraLayers.placed(both[0], width, "q")).add(LoraLayers.placed(both[1], width, "v")));
  }
}
