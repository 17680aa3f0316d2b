package io.github.microsam.label;

import java.util.Arrays;
import java.util.Optional;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;

/** A mask as vertical runs in the coordinates of the image, by column, then from the top. */
final class ColumnRuns {
  final long area;
  private final int count;
  private final long[] x;

  /** First and last row of each run. */
  private final long[] top;

  private final long[] bottom;
  private long x0 = Long.MAX_VALUE;
  private long y0 = Long.MAX_VALUE;
  private long x1 = Long.MIN_VALUE;
  private long y1 = Long.MIN_VALUE;

  ColumnRuns(RunLengths mask) {
    area = mask.area();
    int h = (int) mask.frame().dimension(1);
    int[] counts = mask.runs();
    int n = 0;
    int at = 0;
    for (int i = 0; i < counts.length; i++) {
      if (i % 2 == 1 && counts[i] > 0) {
        n += (at + counts[i] - 1) / h - at / h + 1;
      }
      at += counts[i];
    }
    count = n;
    x = new long[n];
    top = new long[n];
    bottom = new long[n];
    split(counts, h, mask.frame().min(0), mask.frame().min(1));
  }

  private void split(int[] counts, int h, long left, long up) {
    int n = 0;
    int at = 0;
    for (int i = 0; i < counts.length; i++) {
      int end = at + counts[i];
      if (i % 2 == 0) {
        at = end;
      }
      while (at < end) {
        int columnEnd = Math.min(end, (at / h + 1) * h);
        x[n] = left + at / h;
        top[n] = up + at % h;
        bottom[n] = up + (columnEnd - 1) % h;
        y0 = Math.min(y0, top[n]);
        y1 = Math.max(y1, bottom[n]);
        n++;
        at = columnEnd;
      }
    }
    if (n > 0) {
      x0 = x[0];
      x1 = x[n - 1];
    }
  }

  Optional<Interval> box() {
    return count == 0 ? Optional.empty() : Optional.of(FinalInterval.createMinMax(x0, y0, x1, y1));
  }

  boolean boxesOverlap(ColumnRuns other) {
    return x0 <= other.x1 && other.x0 <= x1 && y0 <= other.y1 && other.y0 <= y1;
  }

  /** Number of pixels that both masks have. */
  long intersection(ColumnRuns other) {
    if (!boxesOverlap(other)) {
      return 0;
    }
    long sum = 0;
    int i = firstFrom(other.x0);
    int j = other.firstFrom(x0);
    while (i < count && j < other.count) {
      if (x[i] != other.x[j]) {
        if (x[i] < other.x[j]) {
          i++;
        } else {
          j++;
        }
        continue;
      }
      sum += Math.max(0, Math.min(bottom[i], other.bottom[j]) - Math.max(top[i], other.top[j]) + 1);
      if (bottom[i] < other.bottom[j]) {
        i++;
      } else {
        j++;
      }
    }
    return sum;
  }

  /** Number of pixels in a part of the image. */
  long areaWithin(Interval window) {
    long sum = 0;
    for (int r = firstFrom(window.min(0)); r < count && x[r] <= window.max(0); r++) {
      long from = Math.max(top[r], window.min(1));
      sum += Math.max(0, Math.min(bottom[r], window.max(1)) - from + 1);
    }
    return sum;
  }

  /** The first run at or right of a column. */
  private int firstFrom(long column) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (x[middle] < column) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Lengths of alternating runs down the columns of a frame, background first. */
  int[] counts(Interval frame) {
    Grid grid = Grid.of(frame);
    int[] counts = new int[2 * count + 1];
    int n = 0;
    int at = 0; // where the run of background after the last run began
    for (int r = 0; r < count; r++) {
      long from = Math.max(top[r], frame.min(1));
      long to = Math.min(bottom[r], frame.max(1));
      if (x[r] < frame.min(0) || x[r] > frame.max(0) || from > to) {
        continue;
      }
      int start = (int) ((x[r] - frame.min(0)) * grid.height() + from - frame.min(1));
      int length = (int) (to - from + 1);
      if (start == at && n > 0) {
        counts[n - 1] += length; // a run goes on in the next column
      } else {
        counts[n++] = start - at;
        counts[n++] = length;
      }
      at = start + length;
    }
    if (at < grid.size() || n == 0) {
      counts[n++] = grid.size() - at;
    }
    return Arrays.copyOf(counts, n);
  }

  /** Writes an id to the pixels of an image that the mask covers. */
  void paint(int id, boolean onlyOnBackground, int[] ids, Interval image) {
    long w = image.dimension(0);
    for (int r = 0; r < count; r++) {
      long column = x[r] - image.min(0);
      if (column < 0 || column >= w) {
        continue;
      }
      long from = Math.max(0, top[r] - image.min(1));
      long to = Math.min(image.dimension(1) - 1, bottom[r] - image.min(1));
      for (long y = from; y <= to; y++) {
        int at = (int) (y * w + column);
        if (!onlyOnBackground || ids[at] == 0) {
          ids[at] = id;
        }
      }
    }
  }
}
