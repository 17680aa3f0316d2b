package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;

/** A convolution with a square kernel, {@code torch.nn.Conv2d} with {@code groups=1}. */
final class Conv2d {
  private Conv2d() {}

  /**
   * Adds the layer.
   *
   * @param s where; keys {@code weight [out, in, kernel, kernel]} and, with bias, {@code bias
   *     [out]}
   * @param x {@code [N, in, H, W]}
   * @param in channels of the input
   * @param out channels of the output
   * @param kernel side of the kernel
   * @param stride step of the kernel
   * @param padding zeros added on each side
   * @param hasBias whether there is a bias
   * @return {@code [N, out, H', W']} with {@code H' = (H + 2 padding - kernel) / stride + 1},
   *     rounded down
   */
  static SDVariable add(
      Scope s,
      SDVariable x,
      long in,
      long out,
      int kernel,
      int stride,
      int padding,
      boolean hasBias) {
    long fanIn = in * kernel * kernel;
    SDVariable weight = s.parameter("weight", Init.uniform(fanIn), out, in, kernel, kernel);
    // ND4J's gradient of a convolution takes the weights as [kH, kW, in, out] only.
    SDVariable reordered = s.sd().permute(weight, 2, 3, 1, 0);
    Conv2DConfig config =
        Conv2DConfig.builder()
            .kH(kernel)
            .kW(kernel)
            .sH(stride)
            .sW(stride)
            .pH(padding)
            .pW(padding)
            .weightsFormat(WeightsFormat.YXIO)
            .build();
    Map<String, Object> attributes = Map.of("stride", stride, "padding", padding);
    if (!hasBias) {
      SDVariable y = s.output(s.sd().cnn().conv2d(x, reordered, config));
      s.regions().add(Regions.CONVOLUTION, attributes, List.of(x, weight), y);
      return y;
    }
    SDVariable bias = s.parameter("bias", Init.uniform(fanIn), out);
    SDVariable y = s.output(s.sd().cnn().conv2d(x, reordered, bias, config));
    s.regions().add(Regions.CONVOLUTION, attributes, List.of(x, weight, bias), y);
    return y;
  }
}
