package io.github.microsam.prompt;

import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.model.PromptEncoder;
import java.util.List;

/**
 * What prompts of one run have in common: the decoder takes prompts with the same number of tokens.
 *
 * @param points number of points
 * @param box whether there is a box
 * @param mask whether there is a mask
 */
record PromptLayout(int points, boolean box, boolean mask) {

  static PromptLayout of(Prompt prompt) {
    return new PromptLayout(
        prompt.points().size(), prompt.box().isPresent(), prompt.mask().isPresent());
  }

  /** Points, one point of padding if there is no box, corners of the box. A mask alone has none. */
  int tokens() {
    if (box) {
      return points + 2;
    }
    return points == 0 ? 0 : points + 1;
  }

  /** Places in the encoder's input: {@code [N, tokens, 2]}. */
  float[] places(List<Prompt> prompts, CoordinateTransform transform) {
    float[] out = new float[prompts.size() * tokens() * 2];
    int i = 0;
    for (Prompt prompt : prompts) {
      for (Prompt.Point p : prompt.points()) {
        out[i++] = transform.toInputX(p.x());
        out[i++] = transform.toInputY(p.y());
      }
      if (prompt.box().isPresent()) {
        Prompt.Box b = prompt.box().get();
        out[i++] = transform.toInputX(b.x0());
        out[i++] = transform.toInputY(b.y0());
        out[i++] = transform.toInputX(b.x1());
        out[i++] = transform.toInputY(b.y1());
      } else {
        i += 2; // where a point of padding lies does not matter
      }
    }
    return out;
  }

  /** Labels of the places: {@code [N, tokens]}. */
  float[] labels(List<Prompt> prompts) {
    float[] out = new float[prompts.size() * tokens()];
    int i = 0;
    for (Prompt prompt : prompts) {
      for (Prompt.Point p : prompt.points()) {
        out[i++] = p.positive() ? PromptEncoder.POSITIVE : PromptEncoder.NEGATIVE;
      }
      if (box) {
        out[i++] = PromptEncoder.BOX_FIRST;
        out[i++] = PromptEncoder.BOX_SECOND;
      } else {
        out[i++] = PromptEncoder.PADDING;
      }
    }
    return out;
  }

  /** Mask prompts one after another: {@code [N, 1, side, side]}. */
  static float[] masks(List<Prompt> prompts) {
    int one = prompts.get(0).mask().orElseThrow().values().length;
    float[] out = new float[Math.multiplyExact(prompts.size(), one)];
    for (int i = 0; i < prompts.size(); i++) {
      System.arraycopy(prompts.get(i).mask().orElseThrow().values(), 0, out, i * one, one);
    }
    return out;
  }
}
