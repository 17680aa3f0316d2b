package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Normalisation over the last axis, {@code torch.nn.LayerNorm}. */
final class LayerNorm {
  private LayerNorm() {}

  /**
   * Adds the layer. It is composed of plain operations because ND4J's {@code layerNorm} has no
   * epsilon of one's choice.
   *
   * @param s where; keys {@code weight} and {@code bias}, both {@code [channels]}
   * @param x {@code [..., channels]}
   * @param channels size of the last axis
   * @param epsilon added to the variance: 1e-6 in the ViT, 1e-5 elsewhere
   * @return the same shape
   */
  static SDVariable add(Scope s, SDVariable x, long channels, double epsilon) {
    SDVariable weight = s.parameter("weight", Init.ONES, channels);
    SDVariable bias = s.parameter("bias", Init.ZEROS, channels);
    // In rows, because reductions over a negative axis are wrong in ND4J 1.0.0-M2.1.
    SameDiff sd = s.sd();
    SDVariable rows = sd.reshape(x, -1, channels);
    SDVariable centred = rows.sub(rows.mean(true, 1));
    SDVariable variance = centred.mul(centred).mean(true, 1);
    SDVariable normalised = centred.div(sd.math().sqrt(variance.add(epsilon)));
    SDVariable output = s.output(sd.reshape(normalised.mul(weight).add(bias), sd.shape(x)));
    s.regions()
        .add(Regions.LAYER_NORM, Map.of("epsilon", epsilon), List.of(x, weight, bias), output);
    return output;
  }
}
