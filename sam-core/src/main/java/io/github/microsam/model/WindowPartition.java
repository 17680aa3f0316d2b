package io.github.microsam.model;

import io.github.microsam.engine.Regions;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Cuts a map of tokens into square windows and puts them together again. Where the map is no
 * multiple of the window, zeros are added at the bottom and at the right; they become tokens of
 * their windows like all others.
 *
 * @param height rows of the map
 * @param width columns of the map
 * @param channels channels of a token
 * @param window side of a window
 */
record WindowPartition(int height, int width, int channels, int window) {

  /**
   * Cuts a map.
   *
   * @param s anywhere in the graph
   * @param x {@code [N, height, width, channels]}
   * @return {@code [N · windows, window, window, channels]}, windows row by row
   */
  SDVariable partition(Scope s, SDVariable x) {
    SameDiff sd = s.sd();
    int bottom = rows() * window - height;
    int right = columns() * window - width;
    SDVariable padded = x;
    if (bottom > 0 || right > 0) {
      int[][] padding = {{0, 0}, {0, bottom}, {0, right}, {0, 0}};
      padded = sd.nn().pad(x, sd.constant(Nd4j.createFromArray(padding)), 0);
    }
    SDVariable grid = sd.reshape(padded, -1, rows(), window, columns(), window, channels);
    SDVariable windows =
        sd.reshape(sd.permute(grid, 0, 1, 3, 2, 4, 5), -1, window, window, channels);
    s.regions().add(Regions.WINDOWS, Map.of("side", window), List.of(x), windows);
    return windows;
  }

  /**
   * Puts windows together, without what was added.
   *
   * @param s anywhere in the graph
   * @param windows {@code [N · windows, window, window, channels]}
   * @return {@code [N, height, width, channels]}
   */
  SDVariable reverse(Scope s, SDVariable windows) {
    SameDiff sd = s.sd();
    int h = rows() * window;
    int w = columns() * window;
    SDVariable grid = sd.reshape(windows, -1, rows(), columns(), window, window, channels);
    SDVariable map = sd.reshape(sd.permute(grid, 0, 1, 3, 2, 4, 5), -1, h, w, channels);
    if (h != height || w != width) {
      map =
          map.get(
              SDIndex.all(),
              SDIndex.interval(0, height),
              SDIndex.interval(0, width),
              SDIndex.all());
    }
    Map<String, Object> attributes =
        Map.of("side", window, "height", (long) height, "width", (long) width);
    s.regions().add(Regions.UNWINDOWED, attributes, List.of(windows), map);
    return map;
  }

  /** Windows of a map. */
  int count() {
    return rows() * columns();
  }

  private int rows() {
    return (height + window - 1) / window;
  }

  private int columns() {
    return (width + window - 1) / window;
  }
}
