package io.github.microsam.model;

import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/** Normalisation of each channel over batch and pixels, {@code torch.nn.BatchNorm2d}. */
final class BatchNorm2d {
  private static final double EPSILON = 1e-5;

  private BatchNorm2d() {}

  /**
   * Adds the layer. {@link BatchStatistics#BATCH} also adds {@code batch_mean} and {@code
   * batch_var} (unbiased), both {@code [channels]}, from which a trainer updates the running
   * averages.
   *
   * @param s where; keys {@code weight}, {@code bias}, {@code running_mean} and {@code
   *     running_var}, all {@code [channels]}
   * @param x {@code [N, channels, H, W]}
   * @param channels size of the second axis
   * @param statistics what it normalises with
   * @param weightInit how the weight is initialised: ones by default
   * @return the same shape
   */
  static SDVariable add(
      Scope s, SDVariable x, long channels, BatchStatistics statistics, Init weightInit) {
    SDVariable weight = s.parameter("weight", weightInit, channels);
    SDVariable bias = s.parameter("bias", Init.ZEROS, channels);
    SDVariable mean = s.buffer("running_mean", Init.ZEROS, channels);
    SDVariable variance = s.buffer("running_var", Init.ONES, channels);
    List<SDVariable> inputs = List.of(x, weight, bias, mean, variance);
    List<SDVariable> observables = List.of();
    if (statistics == BatchStatistics.BATCH) {
      inputs = List.of(x, weight, bias);
      // Row by row: ND4J adds up in single precision, which a million pixels at once would show.
      mean = x.mean(3).mean(0, 2).rename(s.key("batch_mean"));
      SDVariable unbiased = s.sd().variance(s.key("batch_var"), x, true, 0, 2, 3);
      observables = List.of(mean, unbiased);
      variance = biased(unbiased, x, channels);
    }
    SDVariable scale = weight.mul(s.sd().math().rsqrt(variance.add(EPSILON)));
    SDVariable shift = bias.sub(mean.mul(scale));
    SDVariable y =
        s.output(
            x.mul(s.sd().reshape(scale, 1, channels, 1, 1))
                .add(s.sd().reshape(shift, 1, channels, 1, 1)));
    Map<String, Object> attributes = Map.of("epsilon", EPSILON, Region.OBSERVABLES, observables);
    s.regions().add(Regions.BATCH_NORM, attributes, inputs, y);
    return y;
  }

  /** From the unbiased variance, because ND4J's gradient of the biased one is wrong. */
  private static SDVariable biased(SDVariable unbiased, SDVariable x, long channels) {
    SDVariable count = x.getSameDiff().size(x).castTo(x.dataType()).div((double) channels);
    return unbiased.mul(count.sub(1).div(count));
  }
}
