package io.github.microsam.model;

import io.github.microsam.weights.Adapter;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * How the layers of a block that can be adapted are built: here as they are. What adapts a layer
 * overrides its method and wraps it.
 */
class BlockLayers {
  private static final double EPSILON = 1e-6;

  /**
   * The layers of adapted blocks.
   *
   * @param adapter what is added to the layers
   * @param dropout whether FacT layers take masks of dropout as inputs, for training
   * @return layers with the adapter around or beside them
   */
  static BlockLayers of(Adapter adapter, boolean dropout) {
    if (adapter instanceof Adapter.LoRa lora) {
      return new LoraLayers(lora);
    }
    if (adapter instanceof Adapter.FacT fact) {
      return new FactorLayers(fact, dropout);
    }
    if (adapter instanceof Adapter.AdaptFormer adaptFormer) {
      return new AdaptFormerLayers(adaptFormer);
    }
    return new ScaleShiftLayers();
  }

  /**
   * A normalisation.
   *
   * @param s where
   * @param x {@code [..., width]}
   * @param width channels of a token
   * @return the same shape
   */
  SDVariable norm(Scope s, SDVariable x, int width) {
    return LayerNorm.add(s, x, width, EPSILON);
  }

  /**
   * Queries, keys and values of an attention.
   *
   * @param s where
   * @param x {@code [..., width]}
   * @param width channels of a token
   * @return {@code [..., 3 width]}
   */
  SDVariable qkv(Scope s, SDVariable x, int width) {
    return Linear.add(s, x, width, 3L * width);
  }

  /**
   * What follows an attention.
   *
   * @param s where
   * @param x {@code [..., width]}
   * @param width channels of a token
   * @return the same shape
   */
  SDVariable proj(Scope s, SDVariable x, int width) {
    return Linear.add(s, x, width, width);
  }

  /**
   * The two layers after an attention, {@code MLPBlock} of segment_anything/modeling/common.py.
   *
   * @param s where; modules {@code lin1}, {@code act}, {@code lin2}
   * @param x {@code [..., width]}
   * @param width channels of a token
   * @param hidden channels between the layers
   * @return the same shape
   */
  SDVariable mlp(Scope s, SDVariable x, int width, int hidden) {
    SDVariable h = s.at("act").output(Gelu.add(s, lin(s.at("lin1"), x, width, hidden)));
    Linear.declare(s.at("lin1"), x, h, "gelu");
    return s.output(lin(s.at("lin2"), h, hidden, width));
  }

  /**
   * A layer of the MLP.
   *
   * @param s where
   * @param x {@code [..., in]}
   * @param in channels of the input
   * @param out channels of the output
   * @return {@code [..., out]}
   */
  SDVariable lin(Scope s, SDVariable x, int in, int out) {
    return Linear.add(s, x, in, out);
  }
}
