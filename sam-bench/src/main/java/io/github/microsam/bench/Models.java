package io.github.microsam.bench;

import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Optional;

/** The architectures that are measured. */
final class Models {
  private Models() {}

  /**
   * An architecture with the decoder for automatic segmentation.
   *
   * @param name {@code vit_t}, {@code vit_b}, {@code vit_l}, {@code vit_h}; or {@code small}, which
   *     shows in seconds whether a benchmark works
   * @param size side of the image
   */
  static SamConfig config(String name, int size) {
    boolean small = name.equals("small");
    return new SamConfig(
        encoder(name, size),
        small ? new MaskDecoderConfig(3, 2, 8, 64, 3, 32, 16) : MaskDecoderConfig.SAM,
        Optional.of(small ? new UnetrConfig(16, 4, false, 3) : UnetrConfig.MICRO_SAM));
  }

  private static EncoderConfig encoder(String name, int size) {
    return switch (name) {
      case "vit_t" -> {
        TinyVitConfig t = TinyVitConfig.VIT_T;
        yield new TinyVitConfig(
            size, t.widths(), t.depths(), t.heads(), t.windows(), t.outChannels());
      }
      case "vit_b" -> resized(VitConfig.VIT_B, size);
      case "vit_l" -> resized(VitConfig.VIT_L, size);
      case "vit_h" -> resized(VitConfig.VIT_H, size);
      case "small" -> new VitConfig(size, 16, 48, 4, 4, 192, 7, List.of(1, 3), 32);
      default ->
          throw new IllegalArgumentException(
              "model '" + name + "'; expected vit_t, vit_b, vit_l, vit_h or small");
    };
  }

  private static VitConfig resized(VitConfig v, int size) {
    return new VitConfig(
        size,
        v.patchSize(),
        v.width(),
        v.depth(),
        v.heads(),
        v.mlpWidth(),
        v.window(),
        v.globalBlocks(),
        v.outChannels());
  }
}
