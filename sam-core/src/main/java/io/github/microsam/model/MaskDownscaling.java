package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The convolutions that bring a mask prompt to the size of the embedding, {@code
 * PromptEncoder.mask_downscaling}.
 */
final class MaskDownscaling {
  private MaskDownscaling() {}

  /**
   * Adds the layers.
   *
   * @param s where; keys of the convolutions {@code 0}, {@code 3}, {@code 6} and the norms {@code
   *     1}, {@code 4}
   * @param mask {@code [N, 1, 4E, 4E]} logits
   * @param hidden channels of the last hidden layer
   * @param out channels of the output
   * @return {@code [N, out, E, E]}
   */
  static SDVariable add(Scope s, SDVariable mask, long hidden, long out) {
    int mark = s.regions().mark();
    SDVariable half = Conv2d.add(s.at(0), mask, 1, hidden / 4, 2, 2, 0, true);
    half = Gelu.add(s, LayerNorm2d.add(s.at(1), half, hidden / 4));
    SDVariable quarter = Conv2d.add(s.at(3), half, hidden / 4, hidden, 2, 2, 0, true);
    quarter = Gelu.add(s, LayerNorm2d.add(s.at(4), quarter, hidden));
    SDVariable encoded = s.output(Conv2d.add(s.at(6), quarter, hidden, out, 1, 1, 0, true));
    s.regions().group(mark, encoded);
    return encoded;
  }
}
