package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Normalisation of each channel of each image over its pixels, {@code torch.nn.InstanceNorm2d} with
 * its defaults: no parameters, no running averages.
 */
final class InstanceNorm2d {
  private static final double EPSILON = 1e-5;

  private InstanceNorm2d() {}

  /**
   * Adds the layer.
   *
   * @param s anywhere in the graph
   * @param x {@code [N, channels, size, size]}
   * @param size side of the map, 2 or more
   * @return the same shape
   */
  static SDVariable add(Scope s, SDVariable x, long size) {
    SameDiff sd = s.sd();
    // Row by row: ND4J adds up in single precision, which a million pixels at once would show.
    SDVariable mean = x.mean(true, 3).mean(true, 2);
    // From the unbiased variance, because ND4J's gradient of the biased one is wrong.
    double pixels = (double) size * size;
    SDVariable variance = sd.variance(x, true, true, 2, 3).mul((pixels - 1) / pixels);
    SDVariable y = x.sub(mean).mul(sd.math().rsqrt(variance.add(EPSILON)));
    s.regions().add(Regions.INSTANCE_NORM, Map.of("epsilon", EPSILON), List.of(x), y);
    return y;
  }
}
