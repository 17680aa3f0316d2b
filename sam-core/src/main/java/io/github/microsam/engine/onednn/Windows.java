package io.github.microsam.engine.onednn;

/** Copies between a map {@code [N, H, W, C]} and its windows {@code [N · windows, s, s, C]}. */
final class Windows {
  private final long side;
  private final long images;
  private final long height;
  private final long width;
  private final long channels;
  private final long rows;
  private final long columns;

  Windows(long[] map, long side) {
    this.side = side;
    images = map[0];
    height = map[1];
    width = map[2];
    channels = map[3];
    rows = (height + side - 1) / side;
    columns = (width + side - 1) / side;
  }

  /** Shape of all windows. */
  long[] shape() {
    return new long[] {images * rows * columns, side, side, channels};
  }

  /** Whether windows reach out of the map. */
  boolean isPadded() {
    return height % side != 0 || width % side != 0;
  }

  /** Cuts a map; zeros fill what lies outside of it. Both arrays are contiguous. */
  void cut(Assembler to, View map, View windows) {
    cut(to, map, windows, to.zeros(outside(), channels));
  }

  /** The same with a token {@code [channels]} that fills what lies outside. */
  void cutAndFill(Assembler to, View map, View windows, View token) {
    View tokens = to.temporary(outside(), channels);
    to.copy(token.reshaped(1, channels), tokens.part(0, 0, 1));
    for (long have = 1; have < outside(); have *= 2) {
      long more = Math.min(have, outside() - have);
      to.copy(tokens.part(0, 0, more), tokens.part(0, have, have + more));
    }
    cut(to, map, windows, tokens);
  }

  /** The most tokens outside of the map along one of its edges; 1 if there are none. */
  private long outside() {
    long below = columns * side * (rows * side - height);
    long beside = rows * side * (columns * side - width);
    return Math.max(1, Math.max(below, beside));
  }

  private void cut(Assembler to, View map, View windows, View filling) {
    blocks(map, windows, to::copy);
    fill(to, windows, filling, height - (rows - 1) * side, 0);
    fill(to, windows, filling, width - (columns - 1) * side, 1);
  }

  /** Puts windows together, without what lies outside of the map. Both arrays are contiguous. */
  void join(Assembler to, View windows, View map) {
    blocks(map, windows, (inMap, inWindows) -> to.copy(inWindows, inMap));
  }

  private interface Pair {
    void accept(View inMap, View inWindows);
  }

  /** The inner windows, those of the last row and column, and the one in the corner. */
  private void blocks(View map, View windows, Pair pair) {
    long innerRows = height / side;
    long innerColumns = width / side;
    long lastHeight = height % side;
    long lastWidth = width % side;
    block(map, windows, 0, innerRows, side, 0, innerColumns, side, pair);
    block(map, windows, innerRows, 1, lastHeight, 0, innerColumns, side, pair);
    block(map, windows, 0, innerRows, side, innerColumns, 1, lastWidth, pair);
    block(map, windows, innerRows, 1, lastHeight, innerColumns, 1, lastWidth, pair);
  }

  private void block(
      View map,
      View windows,
      long row,
      long rowCount,
      long tall,
      long column,
      long columnCount,
      long wide,
      Pair pair) {
    long[] dims = {rowCount, columnCount, tall, wide, channels};
    if (View.length(dims) == 0) {
      return;
    }
    for (long n = 0; n < images; n++) {
      long inMap = ((n * height + row * side) * width + column * side) * channels;
      long line = width * channels;
      long one = side * side * channels;
      long inWindows = ((n * rows + row) * columns + column) * one;
      pair.accept(
          map.as(inMap, dims, side * line, side * channels, line, channels, 1),
          windows.as(inWindows, dims, columns * one, one, side * channels, channels, 1));
    }
  }

  /** Fills the last windows along an axis, from a line of theirs on. */
  private void fill(Assembler to, View windows, View filling, long from, int axis) {
    long lines = side - from;
    if (lines == 0) {
      return;
    }
    long count = axis == 0 ? columns : rows;
    long step = (axis == 0 ? 1 : columns) * side * side * channels;
    long first = axis == 0 ? (rows - 1) * columns : columns - 1;
    long skipped = from * channels * (axis == 0 ? side : 1);
    long[] dims =
        axis == 0
            ? new long[] {count, 1, lines * side * channels}
            : new long[] {count, side, lines * channels};
    View content = filling.part(0, 0, View.length(dims) / channels).reshaped(dims);
    for (long n = 0; n < images; n++) {
      long at = (n * rows * columns + first) * side * side * channels + skipped;
      to.copy(content, windows.as(at, dims, step, side * channels, 1));
    }
  }
}
