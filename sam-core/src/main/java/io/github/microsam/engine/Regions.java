package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 *   <li>{@link #CONVOLUTION}: inputs x {@code [N, in, H, W]}, weight {@code [out, in, k, k]} and,
 *       if it has one, bias {@code [out]}; attributes {@code stride} and {@code padding}
 *   <li>{@link #DEPTHWISE_CONVOLUTION}: inputs x {@code [N, C, H, W]}, weight {@code [C, 1, k, k]};
 *       the same attributes
 *   <li>{@link #DOUBLING_CONVOLUTION}: the transposed convolution of stride 2; inputs x {@code [N,
 *       in, H, W]}, weight {@code [in, out, 2, 2]}, bias {@code [out]}
 *   <li>{@link #BATCH_NORM}: inputs x {@code [N, C, H, W]}, weight, bias and, unless it normalises
 *       with the statistics of the batch, mean and variance, all {@code [C]}; attribute {@code
 *       epsilon}; observables, if it normalises with the statistics of the batch: mean and unbiased
 *       variance, both {@code [C]}
 *   <li>{@link #INSTANCE_NORM}: input x {@code [N, C, H, W]}; attribute {@code epsilon}
 *   <li>{@link #DOUBLING}: bilinear interpolation; input x {@code [N, C, H, W]}, output {@code [N,
 *       C, 2H, 2W]}
 *   <li>{@link #RELU}, {@link #SIGMOID}: input x
 *   <li>{@link #SUM}: inputs x and y of the same shape, or y with size 1 along the first axis
 *   <li>{@link #CONCATENATION}: inputs of four axes, along their second
 *   <li>{@link #CHANNELS}: some channels of the input {@code [N, C, H, W]}; attributes {@code from}
 *       and {@code to}, exclusive
 *   <li>{@link #CHANNELS_LAST}, {@link #CHANNELS_FIRST}: {@code [N, C, H, W]} as {@code [N, H, W,
 *       C]}, and back
 *   <li>{@link #WINDOWS}: a map {@code [N, H, W, C]}, with zeros added at the bottom and at the
 *       right, as windows {@code [N · windows, side, side, C]} row by row; attribute {@code side}
 *   <li>{@link #UNWINDOWED}: the reverse; attributes {@code side}, {@code height} and {@code width}
 *   <li>{@link #BIASED_ATTENTION}: attention within windows; inputs qkv {@code [windows, side,
 *       side, 3 width]}, in which each head's query, key and value lie side by side, and, if there
 *       is one, what is added to the logits, {@code [1, heads, tokens, tokens]}; attribute {@code
 *       heads}; output {@code [windows, side, side, width]}
 *   <li>{@link #SHARED_KEYS}: attention; inputs queries {@code [N, T, width]}, keys and values
 *       {@code [B, S, width]}, where the first N / B batches of queries share the first of the
 *       keys, and so on; attribute {@code heads}; output {@code [N, T, width]}
 *   <li>{@link #SHARED_QUERIES}: attention; inputs queries {@code [B, S, width]}, keys and values
 *       {@code [N, T, width]}; attribute {@code heads}; output {@code [N, S, width]}
 *   <li>{@link #TOKENS_AS_MAP}: {@code [N, side · side, C]} as {@code [N, C, side, side]};
 *       attribute {@code side}
 *   <li>{@link #FILTERED}: inputs filters {@code [N, M, C]} and map {@code [N, C, H, W]}; their
 *       products {@code [N, M, H, W]}
 *   <li>{@link #GROUP}: what its parts compute together; attribute {@code one_by_one}: whether what
 *       is not a weight can be computed for each of its first axis by itself, which needs less
 *       memory
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

  /** A convolution. */
  public static final String CONVOLUTION = "convolution";

  /** A convolution of each channel by itself. */
  public static final String DEPTHWISE_CONVOLUTION = "depthwise_convolution";

  /** A transposed convolution that doubles a map. */
  public static final String DOUBLING_CONVOLUTION = "doubling_convolution";

  /** Normalisation of each channel over batch and pixels. */
  public static final String BATCH_NORM = "batch_norm";

  /** Normalisation of each channel of each image over its pixels. */
  public static final String INSTANCE_NORM = "instance_norm";

  /** Bilinear interpolation to twice the size. */
  public static final String DOUBLING = "doubling";

  /** The rectified linear unit. */
  public static final String RELU = "relu";

  /** The logistic function. */
  public static final String SIGMOID = "sigmoid";

  /** Addition. */
  public static final String SUM = "sum";

  /** Maps, one after the other along their channels. */
  public static final String CONCATENATION = "concatenation";

  /** Some channels of a map. */
  public static final String CHANNELS = "channels";

  /** A map whose channels become the last axis. */
  public static final String CHANNELS_LAST = "channels_last";

  /** A map whose last axis becomes its channels. */
  public static final String CHANNELS_FIRST = "channels_first";

  /** A map, cut into windows. */
  public static final String WINDOWS = "windows";

  /** Windows, put together to a map. */
  public static final String UNWINDOWED = "unwindowed";

  /** Attention within windows, whose logits have a bias. */
  public static final String BIASED_ATTENTION = "biased_attention";

  /** Attention to keys that several batches share. */
  public static final String SHARED_KEYS = "shared_keys";

  /** Attention of queries that several batches share. */
  public static final String SHARED_QUERIES = "shared_queries";

  /** Tokens as the pixels of a map. */
  public static final String TOKENS_AS_MAP = "tokens_as_map";

  /** Products of each pixel's channels with filters. */
  public static final String FILTERED = "filtered";

  /** Several regions at once. */
  public static final String GROUP = "group";

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
   * Declares that the regions that lead to a variable are best computed together, so that what
   * passes between them can have any layout and never leaves the kernel. It reaches back from the
   * variable as far as regions follow each other without other operations between them, but not
   * before a mark.
   *
   * @param mark {@link #mark()} before the first layer of the group was added
   * @param output what the last layer gives
   */
  public void group(int mark, SDVariable output) {
    group(mark, output, false);
  }

  /**
   * The same for a group that can be computed for each of the first axis by itself.
   *
   * @param mark {@link #mark()} before the first layer of the group was added
   * @param output what the last layer gives
   */
  public void groupOneByOne(int mark, SDVariable output) {
    group(mark, output, true);
  }

  private void group(int mark, SDVariable output, boolean oneByOne) {
    Map<String, Region> byOutput = new HashMap<>();
    for (Region r : regions.subList(mark, regions.size())) {
      if (!r.kind().equals(GROUP)) {
        byOutput.put(
            r.output().name(), r); // one that takes in what was before it is declared later
      }
    }
    Map<String, SDVariable> inputs = new LinkedHashMap<>();
    Set<Region> parts = new LinkedHashSet<>();
    reach(output, byOutput, inputs, parts);
    if (parts.size() > 1) {
      regions.add(
          new Region(
              GROUP,
              Map.of("one_by_one", oneByOne),
              List.copyOf(inputs.values()),
              output,
              List.copyOf(parts)));
    }
  }

  private static void reach(
      SDVariable variable,
      Map<String, Region> byOutput,
      Map<String, SDVariable> inputs,
      Set<Region> parts) {
    Region region = byOutput.get(variable.name());
    if (region == null) {
      inputs.put(variable.name(), variable);
    } else if (!parts.contains(region)) {
      region.inputs().forEach(v -> reach(v, byOutput, inputs, parts));
      parts.add(region);
    }
  }

  /**
   * The place in the order of declaration that has been reached.
   *
   * @return for {@link #group}
   */
  public int mark() {
    return regions.size();
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
