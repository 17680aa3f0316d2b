package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.DeConv2DConfig;

/**
 * The transposed convolution that doubles a map, {@code torch.nn.ConvTranspose2d(kernel_size=2,
 * stride=2)}.
 */
final class ConvTranspose2d {
  private ConvTranspose2d() {}

  /**
   * Adds the layer.
   *
   * @param s where; keys {@code weight [in, out, 2, 2]} and {@code bias [out]}
   * @param x {@code [N, in, H, W]}
   * @param in channels of the input
   * @param out channels of the output
   * @return {@code [N, out, 2H, 2W]}
   */
  static SDVariable add(Scope s, SDVariable x, long in, long out) {
    // PyTorch takes the fan-in of a transposed convolution from the second axis of its weight.
    SDVariable weight = s.parameter("weight", Init.uniform(out * 4), in, out, 2, 2);
    SDVariable bias = s.parameter("bias", Init.uniform(out * 4), out);
    // ND4J wants [kH, kW, out, in].
    SDVariable reordered = s.sd().permute(weight, 2, 3, 1, 0);
    DeConv2DConfig config = DeConv2DConfig.builder().kH(2).kW(2).sH(2).sW(2).build();
    SDVariable y = s.output(s.sd().cnn().deconv2d(x, reordered, bias, config));
    s.regions().add(Regions.DOUBLING_CONVOLUTION, Map.of(), List.of(x, weight, bias), y);
    return y;
  }
}
