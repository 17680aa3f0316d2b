package io.github.microsam.label;

import java.util.Arrays;

/** Runs down the columns of a mask that lies in rows, read in the order in which it lies. */
final class RunLengthEncoder {
  private RunLengthEncoder() {}

  static int[] encode(boolean[] mask, Grid grid) {
    int w = grid.width();
    int h = grid.height();
    if (mask.length == 0) {
      return new int[] {0};
    }
    int[] end = new int[w]; // how often each column changes, then where its changes end
    for (int from = w; from < mask.length; from += w) {
      for (int x = 0; x < w; x++) {
        end[x] += mask[from + x] != mask[from + x - w] ? 1 : 0;
      }
    }
    int total = 0; // with a place to spare behind each column
    for (int x = 0; x < w; x++) {
      int changesOfColumn = end[x];
      end[x] = total;
      total += changesOfColumn + 1;
    }
    // Without a branch, which noise would mispredict: what is no change, the next overwrites.
    int[] changes = new int[total];
    for (int y = 1; y < h; y++) {
      for (int x = 0, i = y * w; x < w; x++, i++) {
        changes[end[x]] = y;
        end[x] += mask[i] != mask[i - w] ? 1 : 0;
      }
    }
    return counts(mask, w, h, changes, end);
  }

  /** Joins the columns: a run goes on in the next column where that starts alike. */
  private static int[] counts(boolean[] mask, int w, int h, int[] changes, int[] end) {
    int[] counts = new int[changes.length + 2];
    int n = 0;
    int last = 0; // where the present run began
    boolean value = false;
    int c = 0;
    for (int x = 0; x < w; x++) {
      if (mask[x] != value) {
        counts[n++] = x * h - last;
        last = x * h;
        value = !value;
      }
      for (; c < end[x]; c++) {
        counts[n++] = x * h + changes[c] - last;
        last = x * h + changes[c];
        value = !value;
      }
      c++; // the place to spare
    }
    counts[n++] = w * h - last;
    return Arrays.copyOf(counts, n);
  }
}
