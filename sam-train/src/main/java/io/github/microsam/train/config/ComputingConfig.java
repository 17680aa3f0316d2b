package io.github.microsam.train.config;

import io.github.microsam.engine.Precision;
import io.github.microsam.model.ModelOptions;

/**
 * How the networks are computed. Immutable.
 *
 * @param precision what products are computed in; bfloat16 is faster on processors with AMX
 * @param recompute whether the way back computes again what it reads of the way there, for less
 *     memory and about a fifth more time
 */
public record ComputingConfig(Precision precision, boolean recompute) {

  /**
   * Single precision, and everything kept.
   *
   * @return the defaults
   */
  public static ComputingConfig defaults() {
    return new ComputingConfig(Precision.FLOAT32, false);
  }

  /**
   * The same choices for a model.
   *
   * @param options others, which stay
   * @return a copy of them
   */
  public ModelOptions in(ModelOptions options) {
    return options.withPrecision(precision).withRecompute(recompute);
  }
}
