package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;

/**
 * A 3×3 convolution of each channel by itself, {@code torch.nn.Conv2d(kernel_size=3, padding=1,
 * groups=channels, bias=False)}.
 */
final class DepthwiseConv2d {
  private DepthwiseConv2d() {}

  /**
   * Adds the layer.
   *
   * @param s where; key {@code weight [channels, 1, 3, 3]}
   * @param x {@code [N, channels, H, W]}
   * @param channels size of the second axis
   * @param stride step of the kernel
   * @return {@code [N, channels, H', W']} with {@code H' = H / stride}, rounded up
   */
  static SDVariable add(Scope s, SDVariable x, long channels, int stride) {
    SDVariable weight = s.parameter("weight", Init.uniform(9), channels, 1, 3, 3);
    // ND4J wants [kH, kW, channels, 1].
    SDVariable reordered = s.sd().permute(weight, 2, 3, 0, 1);
    Conv2DConfig config =
        Conv2DConfig.builder().kH(3).kW(3).sH(stride).sW(stride).pH(1).pW(1).build();
    SDVariable y = s.output(s.sd().cnn().depthWiseConv2d(x, reordered, config));
    s.regions()
        .add(
            Regions.DEPTHWISE_CONVOLUTION,
            Map.of("stride", stride, "padding", 1),
            List.of(x, weight),
            y);
    return y;
  }
}
