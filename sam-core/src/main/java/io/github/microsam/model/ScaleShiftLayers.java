package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Scaling and shifting of features (SSF, Lian et al. 2022; {@code SSFSurgery} of micro-sam): what a
 * frozen layer of a block gives is multiplied with a number for each channel, then another is
 * added. The paper adapts the projection of patches too; micro-sam leaves it as it is.
 */
final class ScaleShiftLayers extends BlockLayers {
  private static final double DEVIATION = 0.2; // of the initial scale and shift in micro-sam

  @Override
  SDVariable norm(Scope s, SDVariable x, int width) {
    return wrapped(s, super.norm(s.at("layer"), x, width), width);
  }

  @Override
  SDVariable qkv(Scope s, SDVariable x, int width) {
    return wrapped(s, super.qkv(s.at("layer"), x, width), 3 * width);
  }

  @Override
  SDVariable proj(Scope s, SDVariable x, int width) {
    return wrapped(s, super.proj(s.at("layer"), x, width), width);
  }

  @Override
  SDVariable lin(Scope s, SDVariable x, int in, int out) {
    return wrapped(s, super.lin(s.at("layer"), x, in, out), out);
  }

  private static SDVariable wrapped(Scope s, SDVariable y, int channels) {
    return s.output(y.mul(scale(s, channels)).add(shift(s, channels)));
  }

  private static SDVariable scale(Scope s, int channels) {
    return s.parameter("scale", random -> 1 + DEVIATION * random.nextGaussian(), channels);
  }

  private static SDVariable shift(Scope s, int channels) {
    return s.parameter("shift", random -> DEVIATION * random.nextGaussian(), channels);
  }
}
