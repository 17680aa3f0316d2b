package io.github.microsam.model;

import io.github.microsam.weights.VitConfig;
import org.nd4j.autodiff.samediff.SDVariable;

/** SAM's vision transformer (segment_anything/modeling/image_encoder.py). */
final class VitEncoder {
  private VitEncoder() {}

  /**
   * Adds the encoder.
   *
   * @param s where; key {@code pos_embed [1, E, E, width]}, modules {@code patch_embed}, {@code
   *     blocks.0} …, {@code neck}
   * @param image {@code [N, 3, S, S]}
   * @param config the architecture
   * @return {@code [N, outChannels, E, E]}
   */
  static SDVariable add(Scope s, SDVariable image, VitConfig config) {
    int width = config.width();
    int size = config.embeddingSize();
    BlockLayers layers = new BlockLayers();
    SDVariable x = PatchEmbed.add(s.at("patch_embed"), image, config.patchSize(), width, layers);
    x = x.add(s.parameter("pos_embed", Init.ZEROS, 1, size, size, width));
    for (int i = 0; i < config.depth(); i++) {
      boolean global = config.globalBlocks().contains(i);
      x = Block.add(s.at("blocks").at(i), x, config, global, layers);
    }
    SDVariable map = s.sd().permute(x, 0, 3, 1, 2);
    return s.output(Neck.add(s.at("neck"), map, width, config.outChannels()));
  }
}
