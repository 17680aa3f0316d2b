package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/** From a map of tokens to the embedding: two convolutions, each normalised after. */
final class Neck {
  private Neck() {}

  /**
   * Adds the layers.
   *
   * @param s where; modules {@code 0} to {@code 3}
   * @param x {@code [N, in, E, E]}
   * @param in channels of a token
   * @param out channels of the embedding
   * @return {@code [N, out, E, E]}
   */
  static SDVariable add(Scope s, SDVariable x, int in, int out) {
    SDVariable y = Conv2d.add(s.at(0), x, in, out, 1, 1, 0, false);
    y = LayerNorm2d.add(s.at(1), y, out);
    y = Conv2d.add(s.at(2), y, out, out, 3, 1, 1, false);
    y = LayerNorm2d.add(s.at(3), y, out);
    return s.output(y);
  }
}
