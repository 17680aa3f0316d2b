package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/** Normalisation over the channels of each pixel (segment_anything/modeling/common.py). */
final class LayerNorm2d {
  private static final double EPSILON = 1e-6;

  private LayerNorm2d() {}

  /**
   * Adds the layer.
   *
   * @param s where; keys {@code weight} and {@code bias}, both {@code [channels]}
   * @param x {@code [N, channels, H, W]}
   * @param channels size of the second axis
   * @return the same shape
   */
  static SDVariable add(Scope s, SDVariable x, long channels) {
    SDVariable weight = s.parameter("weight", Init.ONES, channels);
    SDVariable bias = s.parameter("bias", Init.ZEROS, channels);
    SDVariable centred = x.sub(x.mean(true, 1));
    SDVariable variance = centred.mul(centred).mean(true, 1);
    SDVariable normalised = centred.div(s.sd().math().sqrt(variance.add(EPSILON)));
    SDVariable y =
        s.output(
            normalised
                .mul(s.sd().reshape(weight, 1, channels, 1, 1))
                .add(s.sd().reshape(bias, 1, channels, 1, 1)));
    s.regions().add(Regions.LAYER_NORM_2D, Map.of("epsilon", EPSILON), List.of(x, weight, bias), y);
    return y;
  }
}
