package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The regions of a graph, in the order in which its layers declared them. A region may lie within a
 * larger one; a kernel for the larger one is preferred.
 *
 * <p>Kinds:
 *
 * <ul>
 *   <li>{@link #LINEAR}: inputs x {@code [..., in]}, weight {@code [out, in]}, bias {@code [out]};
 *       attribute {@code activation}: {@code none}, {@code gelu} or {@code relu}; {@code y =
 *       activation(x Wᵀ + b)}
 *   <li>{@link #LAYER_NORM}: inputs x {@code [..., C]}, weight, bias {@code [C]}; attribute {@code
 *       epsilon}
 *   <li>{@link #LAYER_NORM_2D}: inputs x {@code [N, C, H, W]}, weight, bias {@code [C]}; attribute
 *       {@code epsilon}
 *   <li>{@link #GELU}: input x; the exact form
 *   <li>{@link #ATTENTION}: inputs qkv {@code [windows, side, side, 3 width]}, in which the heads
 *       of the queries come first, then those of the keys, then those of the values; relative
 *       positions by row and by column {@code [side, side, width / heads]}; attribute {@code
 *       heads}; output {@code [windows, side, side, width]}
 * </ul>
 */
public final class Regions {
  /** A fully connected layer with its activation. */
  public static final String LINEAR = "linear";

  /** Normalisation over the last axis. */
  public static final String LAYER_NORM = "layer_norm";

  /** Normalisation over the channels of each pixel. */
  public static final String LAYER_NORM_2D = "layer_norm_2d";

  /** The exact Gaussian error linear unit. */
  public static final String GELU = "gelu";

  /** Attention over square windows with decomposed relative positions. */
  public static final String ATTENTION = "attention";

  private final List<Region> regions = new ArrayList<>();

  /**
   * Declares a region.
   *
   * @param kind what it computes
   * @param attributes what the arrays do not tell
   * @param inputs variables that go in
   * @param output the variable that comes out
   */
  public void add(
      String kind, Map<String, Object> attributes, List<SDVariable> inputs, SDVariable output) {
    regions.add(new Region(kind, attributes, inputs, output));
  }

  /**
   * All regions.
   *
   * @return an unmodifiable view in the order of declaration
   */
  public List<Region> all() {
    return Collections.unmodifiableList(regions);
  }
}
