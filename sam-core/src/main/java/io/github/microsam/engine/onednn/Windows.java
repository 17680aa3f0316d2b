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

  /** Cuts a map; zeros fill what lies outside of it. Both arrays are contiguous. */
  void cut(Assembler to, View map, View windows) {
    blocks(map, windows, to::copy);
    fill(to, windows, height - (rows - 1) * side, 0);
    fill(to, windows, width - (columns - 1) * side, 1);
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

  /** Zeros in the last windows along an axis, from a line of theirs on. */
  private void fill(Assembler to, View windows, long from, int axis) {
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
    View zeros = to.zeros(dims);
    for (long n = 0; n < images; n++) {
      long at = (n * rows * columns + first) * side * side * channels + skipped;
      to.copy(zeros, windows.as(at, dims, step, side * channels, 1));
    }
  }
}
