package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** A fully connected layer, {@code torch.nn.Linear}: {@code y = x Wᵀ + b}. */
final class Linear {
  private Linear() {}

  /**
   * Adds the layer.
   *
   * @param s where; keys {@code weight [out, in]} and {@code bias [out]}
   * @param x {@code [..., in]}, of two axes or more
   * @param in channels of the input
   * @param out channels of the output
   * @return {@code [..., out]}
   */
  static SDVariable add(Scope s, SDVariable x, long in, long out) {
    SDVariable y = product(s, x, in, out, Init.uniform(in));
    SDVariable bias = s.parameter("bias", Init.uniform(in), out);
    return s.output(Shapes.replaceLast(y.add(bias), x, out));
  }

  /**
   * Adds the layer without a bias.
   *
   * @param s where; key {@code weight [out, in]}
   * @param x {@code [..., in]}, of two axes or more
   * @param in channels of the input
   * @param out channels of the output
   * @param init how the weight is initialised
   * @return {@code [..., out]}
   */
  static SDVariable withoutBias(Scope s, SDVariable x, long in, long out, Init init) {
    return s.output(Shapes.replaceLast(product(s, x, in, out, init), x, out));
  }

  private static SDVariable product(Scope s, SDVariable x, long in, long out, Init init) {
    SameDiff sd = s.sd();
    SDVariable weight = s.parameter("weight", init, out, in);
    return sd.mmul(sd.reshape(x, -1, in), weight, false, true, false);
  }
}
