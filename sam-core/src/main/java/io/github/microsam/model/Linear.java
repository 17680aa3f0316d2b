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
   * @param x {@code [rows, in]}, or {@code [N, T, in]}
   * @param in channels of the input
   * @param out channels of the output
   * @return {@code [rows, out]}, or {@code [N, T, out]}
   */
  static SDVariable add(Scope s, SDVariable x, long in, long out) {
    SameDiff sd = s.sd();
    SDVariable weight = s.parameter("weight", Init.uniform(in), out, in);
    SDVariable bias = s.parameter("bias", Init.uniform(in), out);
    int rank = x.getShape() == null ? 3 : x.getShape().length;
    SDVariable rows = rank == 2 ? x : sd.reshape(x, -1, in);
    SDVariable y = sd.mmul(rows, weight, false, true, false).add(bias);
    return s.output(rank == 2 ? y : Shapes.keepLeading(y, x, rank - 1, out));
  }
}
