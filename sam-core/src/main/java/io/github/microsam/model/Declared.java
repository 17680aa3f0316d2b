package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Operations between layers, declared as regions, so that a kernel for a group of layers can take
 * them in.
 */
final class Declared {
  private Declared() {}

  /**
   * Adds the rectified linear unit.
   *
   * @param s anywhere in the graph
   * @param x any shape
   * @return the same shape
   */
  static SDVariable relu(Scope s, SDVariable x) {
    return declared(s, Regions.RELU, Map.of(), List.of(x), s.sd().nn().relu(x, 0));
  }

  /**
   * Adds the logistic function.
   *
   * @param s anywhere in the graph
   * @param x any shape
   * @return the same shape
   */
  static SDVariable sigmoid(Scope s, SDVariable x) {
    return declared(s, Regions.SIGMOID, Map.of(), List.of(x), s.sd().nn().sigmoid(x));
  }

  /**
   * Adds a sum.
   *
   * @param s anywhere in the graph
   * @param x any shape
   * @param y the same shape, or with 1 as its first size
   * @return the shape of x
   */
  static SDVariable sum(Scope s, SDVariable x, SDVariable y) {
    return declared(s, Regions.SUM, Map.of(), List.of(x, y), x.add(y));
  }

  /**
   * Adds a concatenation of channels.
   *
   * @param s anywhere in the graph
   * @param maps each {@code [N, channels, H, W]}
   * @return {@code [N, sum of channels, H, W]}
   */
  static SDVariable concatenation(Scope s, SDVariable... maps) {
    SDVariable all = s.sd().concat(1, maps);
    return declared(s, Regions.CONCATENATION, Map.of(), List.of(maps), all);
  }

  /**
   * Takes some channels of a map.
   *
   * @param s anywhere in the graph
   * @param x {@code [N, channels, H, W]}
   * @param from the first channel
   * @param to the channel after the last
   * @return {@code [N, to - from, H, W]}
   */
  static SDVariable channels(Scope s, SDVariable x, long from, long to) {
    int allButChannels = 0b1101;
    SameDiff sd = s.sd();
    SDVariable part =
        sd.stridedSlice(
            x,
            new long[] {0, from, 0, 0},
            new long[] {0, to, 0, 0},
            new long[] {1, 1, 1, 1},
            allButChannels,
            allButChannels,
            0,
            0,
            0);
    return declared(s, Regions.CHANNELS, Map.of("from", from, "to", to), List.of(x), part);
  }

  /**
   * Makes the channels the last axis.
   *
   * @param s anywhere in the graph
   * @param x {@code [N, C, H, W]}
   * @return {@code [N, H, W, C]}
   */
  static SDVariable channelsLast(Scope s, SDVariable x) {
    SDVariable tokens = s.sd().permute(x, 0, 2, 3, 1);
    return declared(s, Regions.CHANNELS_LAST, Map.of(), List.of(x), tokens);
  }

  /**
   * Makes the last axis the channels.
   *
   * @param s anywhere in the graph
   * @param x {@code [N, H, W, C]}
   * @return {@code [N, C, H, W]}
   */
  static SDVariable channelsFirst(Scope s, SDVariable x) {
    SDVariable map = s.sd().permute(x, 0, 3, 1, 2);
    return declared(s, Regions.CHANNELS_FIRST, Map.of(), List.of(x), map);
  }

  private static SDVariable declared(
      Scope s,
      String kind,
      Map<String, Object> attributes,
      List<SDVariable> inputs,
      SDVariable output) {
    s.regions().add(kind, attributes, inputs, output);
    return output;
  }
}
