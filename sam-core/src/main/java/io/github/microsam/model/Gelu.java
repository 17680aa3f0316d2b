package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/** The exact Gaussian error linear unit, {@code torch.nn.GELU}: {@code x (1 + erf(x / √2)) / 2}. */
final class Gelu {
  private static final double SQRT_HALF = Math.sqrt(0.5);

  private Gelu() {}

  /**
   * Adds the activation. It is composed because both of ND4J's own are approximations.
   *
   * @param s anywhere in the graph
   * @param x any shape
   * @return the same shape
   */
  static SDVariable add(Scope s, SDVariable x) {
    SDVariable erf = x.getSameDiff().math().erf(x.mul(SQRT_HALF));
    SDVariable y = x.mul(0.5).mul(erf.add(1));
    s.regions().add(Regions.GELU, Map.of(), List.of(x), y);
    return y;
  }
}
