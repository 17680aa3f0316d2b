package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Linear layers with ReLU between them, {@code MLP} of segment_anything/modeling/mask_decoder.py.
 */
final class Mlp {
  private Mlp() {}

  /**
   * Adds the layers.
   *
   * @param s where; keys of {@code layers.0} … {@code layers.depth-1}
   * @param x {@code [N, T, in]}
   * @param in channels of the input
   * @param hidden channels between the layers
   * @param out channels of the output
   * @param depth number of layers
   * @return {@code [N, T, out]}
   */
  static SDVariable add(Scope s, SDVariable x, long in, long hidden, long out, int depth) {
    SDVariable y = x;
    for (int i = 0; i < depth; i++) {
      boolean last = i == depth - 1;
      Scope layer = s.at("layers").at(i);
      SDVariable read = y;
      y = Linear.add(layer, read, i == 0 ? in : hidden, last ? out : hidden);
      if (!last) {
        y = Declared.relu(s, y);
        Linear.declare(layer, read, y, "relu");
      }
    }
    return s.output(y);
  }
}
