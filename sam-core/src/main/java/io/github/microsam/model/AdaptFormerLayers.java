package io.github.microsam.model;

import io.github.microsam.weights.Adapter;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * AdaptFormer (Chen et al. 2022; {@code AdaptFormer} of micro-sam): a bottleneck beside the MLP. As
 * in micro-sam, the input is added once more than in the paper.
 */
final class AdaptFormerLayers extends BlockLayers {
  private final int bottleneck;

  AdaptFormerLayers(Adapter.AdaptFormer config) {
    if (!config.learnedAlpha()) {
      throw new IllegalArgumentException(
          "The factor alpha of this AdaptFormer was not learned, so the checkpoint does not hold"
              + " it; expected a mlp.alpha in every adapted block. Train with a learned alpha, or"
              + " add the constant to the checkpoint under these keys.");
    }
    bottleneck = config.width();
  }

  @Override
  SDVariable mlp(Scope s, SDVariable x, int width, int hidden) {
    SDVariable frozen = super.mlp(s.at("mlp_proj"), x, width, hidden);
    SDVariable down =
        Linear.add(s.at("down_proj"), x, width, bottleneck, Init.uniform(width), Init.ZEROS);
    SDVariable up =
        Linear.add(
            s.at("up_proj"), s.sd().nn().relu(down, 0), bottleneck, width, Init.ZEROS, Init.ZEROS);
    SDVariable alpha = s.parameter("alpha", Init.ONES, 1);
    return s.output(up.mul(alpha).add(x).add(frozen));
  }
}
