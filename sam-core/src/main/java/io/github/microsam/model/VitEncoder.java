package io.github.microsam.model;

import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Optional;
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
   * @param adapter what fine-tuning has added to the layers of some blocks
   * @param dropout whether FacT layers take masks of dropout as inputs, for training
   * @return {@code [N, outChannels, E, E]}
   */
  static SDVariable add(
      Scope s, SDVariable image, VitConfig config, Optional<Adapter> adapter, boolean dropout) {
    int width = config.width();
    int size = config.embeddingSize();
    BlockLayers plain = new BlockLayers();
    BlockLayers adapted = adapter.map(a -> BlockLayers.of(a, dropout)).orElse(plain);
    List<Integer> adaptedBlocks = adapter.map(Adapter::blocks).orElse(List.of());

    int mark = s.regions().mark();
    SDVariable x = PatchEmbed.add(s.at("patch_embed"), image, config.patchSize(), width);
    x = Declared.sum(s, x, s.parameter("pos_embed", Init.ZEROS, 1, size, size, width));
    s.regions().group(mark, x);
    for (int i = 0; i < config.depth(); i++) {
      boolean global = config.globalBlocks().contains(i);
      BlockLayers layers = adaptedBlocks.contains(i) ? adapted : plain;
      x = Block.add(s.at("blocks").at(i), x, config, global, layers);
    }
    mark = s.regions().mark();
    SDVariable map = Declared.channelsFirst(s, x);
    SDVariable embedding = Neck.add(s.at("neck"), map, width, config.outChannels());
    s.regions().group(mark, embedding);
    return s.output(embedding);
  }
}
