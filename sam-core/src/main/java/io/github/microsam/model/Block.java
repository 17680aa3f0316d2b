package io.github.microsam.model;

import io.github.microsam.weights.VitConfig;
import org.nd4j.autodiff.samediff.SDVariable;

/** A block of the vision transformer: attention and an MLP, each normalised before and added. */
final class Block {
  private Block() {}

  /**
   * Adds the block.
   *
   * @param s where; modules {@code norm1}, {@code attn}, {@code norm2}, {@code mlp}
   * @param x {@code [N, E, E, width]}
   * @param config the encoder's architecture
   * @param global whether each token sees all others, or those of its window only
   * @param layers how the layers are built
   * @return the same shape
   */
  static SDVariable add(
      Scope s, SDVariable x, VitConfig config, boolean global, BlockLayers layers) {
    int mark = s.regions().mark();
    int width = config.width();
    int size = config.embeddingSize();
    SDVariable normalised = layers.norm(s.at("norm1"), x, width);
    SDVariable attended;
    if (global) {
      attended = new Attention(width, config.heads(), size).add(s.at("attn"), normalised, layers);
    } else {
      WindowPartition windows = new WindowPartition(size, size, width, config.window());
      attended =
          windows.reverse(
              s,
              new Attention(width, config.heads(), config.window())
                  .add(s.at("attn"), windows.partition(s, normalised), layers));
    }
    SDVariable y = Declared.sum(s, x, attended);
    SDVariable mlp =
        layers.mlp(s.at("mlp"), layers.norm(s.at("norm2"), y, width), width, config.mlpWidth());
    SDVariable output = s.output(Declared.sum(s, y, mlp));
    s.regions().group(mark, output);
    return output;
  }
}
