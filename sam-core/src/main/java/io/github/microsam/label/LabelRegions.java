package io.github.microsam.label;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.RealPoint;
import net.imglib2.type.numeric.IntegerType;

/** Size, bounding box and centroid of every object of a label image, in one pass. */
public final class LabelRegions {
  private final Grid grid;
  private final LongIndex index = new LongIndex();
  private long[] size = new long[16];

  /** Per object: smallest x, y, z, largest x, y, z. */
  private int[] box = new int[96];

  /** Per object: sum of x, y, z. */
  private long[] sum = new long[48];

  private LabelRegions(Grid grid) {
    this.grid = grid;
  }

  /**
   * The objects of a label image.
   *
   * @param labels label image of one to three axes, 0 for background
   * @return the objects in the order of their ids, with coordinates of the image
   * @throws IllegalArgumentException for ids below 0 or above 2<sup>32</sup> − 1
   */
  public static List<LabelRegion> of(RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    return of(Pixels.ids(labels), labels);
  }

  static List<LabelRegion> of(int[] ids, Interval interval) {
    LabelRegions regions = new LabelRegions(Grid.of(interval));
    regions.scan(ids);
    return regions.collect(interval);
  }

  private void scan(int[] ids) {
    int w = grid.width();
    for (int row = 0; row < grid.rows(); row++) {
      int start = row * w;
      int x = 0;
      while (x < w) {
        int id = ids[start + x];
        int first = x++;
        while (x < w && ids[start + x] == id) {
          x++;
        }
        if (id != 0) {
          add(index.add(Integer.toUnsignedLong(id)), first, x - 1, row);
        }
      }
    }
  }

  private void add(int object, int first, int last, int row) {
    if (object == size.length) {
      size = Arrays.copyOf(size, 2 * object);
      box = Arrays.copyOf(box, 12 * object);
      sum = Arrays.copyOf(sum, 6 * object);
    }
    int y = row % grid.height();
    int z = row / grid.height();
    int b = 6 * object;
    if (size[object] == 0) {
      box[b] = box[b + 1] = box[b + 2] = Integer.MAX_VALUE;
    }
    long n = last - first + 1L;
    size[object] += n;
    box[b] = Math.min(box[b], first);
    box[b + 1] = Math.min(box[b + 1], y);
    box[b + 2] = Math.min(box[b + 2], z);
    box[b + 3] = Math.max(box[b + 3], last);
    box[b + 4] = Math.max(box[b + 4], y);
    box[b + 5] = Math.max(box[b + 5], z);
    int s = 3 * object;
    sum[s] += n * (first + last) / 2; // n or first + last is even
    sum[s + 1] += n * y;
    sum[s + 2] += n * z;
  }

  private List<LabelRegion> collect(Interval interval) {
    int n = interval.numDimensions();
    List<LabelRegion> out = new ArrayList<>(index.count());
    for (int object : index.sorted()) {
      long[] min = new long[n];
      long[] max = new long[n];
      double[] centroid = new double[n];
      for (int d = 0; d < n; d++) {
        min[d] = interval.min(d) + box[6 * object + d];
        max[d] = interval.min(d) + box[6 * object + 3 + d];
        centroid[d] = interval.min(d) + (double) sum[3 * object + d] / size[object];
      }
      out.add(
          new LabelRegion(
              index.key(object),
              size[object],
              FinalInterval.wrap(min, max),
              RealPoint.wrap(centroid)));
    }
    return out;
  }
}
