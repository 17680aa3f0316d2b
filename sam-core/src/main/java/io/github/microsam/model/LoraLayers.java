package io.github.microsam.model;

import io.github.microsam.weights.Adapter;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Low-rank adaptation (Hu et al. 2022; {@code AttentionLoRA} and {@code MLPLoRA} of micro-sam): to
 * what a frozen layer gives, {@code B(A(x))} is added.
 */
final class LoraLayers extends BlockLayers {
  private static final List<String> PARTS = List.of("q", "k", "v");

  private final Adapter.LoRa config;

  LoraLayers(Adapter.LoRa config) {
    this.config = config;
  }

  @Override
  SDVariable qkv(Scope s, SDVariable x, int width) {
    if (PARTS.stream().noneMatch(config.matrices()::contains)) {
      return super.qkv(s, x, width);
    }
    SDVariable y = super.qkv(s.at("qkv_proj"), x, width);
    for (String part : PARTS) {
      if (config.matrices().contains(part)) {
        y = y.add(placed(branch(s, "linear_" + part, x, width, width), width, part));
      }
    }
    return s.output(y);
  }

  /** Widens one part of {@code [B, h, w, width]} to {@code [B, h, w, 3 width]} with zeros. */
  static SDVariable placed(SDVariable x, int width, String part) {
    SameDiff sd = x.getSameDiff();
    int before = PARTS.indexOf(part) * width;
    int[][] padding = {{0, 0}, {0, 0}, {0, 0}, {before, 2 * width - before}};
    return sd.nn().pad(x, sd.constant(Nd4j.createFromArray(padding)), 0);
  }

  @Override
  SDVariable mlp(Scope s, SDVariable x, int width, int hidden) {
    if (!config.matrices().contains("mlp")) {
      return super.mlp(s, x, width, hidden);
    }
    Scope frozen = s.at("mlp_layer");
    SDVariable h = lin(frozen.at("lin1"), x, width, hidden);
    h = h.add(branch(s, "linear_1", x, width, hidden));
    h = frozen.at("act").output(Gelu.add(frozen, h));
    SDVariable y = lin(frozen.at("lin2"), h, hidden, width);
    return s.output(y.add(branch(s, "linear_2", h, hidden, width)));
  }

  private SDVariable branch(Scope s, String name, SDVariable x, int in, int out) {
    int rank = config.rank();
    SDVariable low = Linear.withoutBias(s.at("w_a_" + name), x, in, rank, Init.uniform(in));
    return Linear.withoutBias(s.at("w_b_" + name), low, rank, out, Init.ZEROS);
  }
}
