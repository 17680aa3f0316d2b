package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
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
    return add(s, x, in, out, Init.uniform(in), Init.uniform(in));
  }

  /**
   * Adds the layer, initialised in another way than PyTorch's own.
   *
   * @param s where; keys {@code weight [out, in]} and {@code bias [out]}
   * @param x {@code [..., in]}, of two axes or more
   * @param in channels of the input
   * @param out channels of the output
   * @param weightInit how the weight is initialised
   * @param biasInit how the bias is initialised
   * @return {@code [..., out]}
   */
  static SDVariable add(Scope s, SDVariable x, long in, long out, Init weightInit, Init biasInit) {
    SDVariable y = product(s, x, in, out, weightInit);
    SDVariable bias = s.parameter("bias", biasInit, out);
    SDVariable output = s.output(Shapes.replaceLast(y.add(bias), x, out));
    declare(s, x, output, "none");
    return output;
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

  /**
   * Declares a linear layer, with the activation that follows it, for kernels. Does nothing where
   * an adapter has wrapped the layer, so that its weight has another key.
   *
   * @param s where the layer is
   * @param x what goes into the layer
   * @param output what comes out of the activation
   * @param activation {@code none}, {@code gelu} or {@code relu}
   */
  static void declare(Scope s, SDVariable x, SDVariable output, String activation) {
    SDVariable weight = s.sd().getVariable(s.key("weight"));
    SDVariable bias = s.sd().getVariable(s.key("bias"));
    if (weight == null || bias == null) {
      return;
    }
    s.regions()
        .add(Regions.LINEAR, Map.of("activation", activation), List.of(x, weight, bias), output);
  }

  private static SDVariable product(Scope s, SDVariable x, long in, long out, Init init) {
    SameDiff sd = s.sd();
    SDVariable weight = s.parameter("weight", init, out, in);
    return sd.mmul(sd.reshape(x, -1, in), weight, false, true, false);
  }
}
