package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/** Cuts the image into square patches and projects each to a token. */
final class PatchEmbed {
  private static final int IMAGE_CHANNELS = 3;

  private PatchEmbed() {}

  /**
   * Adds the layer.
   *
   * @param s where; module {@code proj}
   * @param image {@code [N, 3, S, S]}
   * @param patch side of a patch in pixels
   * @param width channels of a token
   * @return {@code [N, S / patch, S / patch, width]}
   */
  static SDVariable add(Scope s, SDVariable image, int patch, int width) {
    SDVariable projected =
        Conv2d.add(s.at("proj"), image, IMAGE_CHANNELS, width, patch, patch, 0, true);
    return s.output(Declared.channelsLast(s, projected));
  }
}
