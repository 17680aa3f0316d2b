package io.github.microsam.label;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import net.imglib2.Interval;
import net.imglib2.Point;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.RealType;

/**
 * A pixel inside each object that stands for it. (The centroid, which may lie outside, is in {@link
 * LabelRegions}.)
 */
public final class ObjectCenters {
  private ObjectCenters() {}

  /**
   * The pixel of each object that is farthest from the object's own boundary pixels, where the
   * border of the image counts as boundary; of several the first in raster order. This is
   * micro-sam's {@code get_centers_and_bounding_boxes(mode="v")}.
   *
   * @param labels label image of one to three axes, 0 for background
   * @return position by id, in the order of the ids
   * @throws IllegalArgumentException for ids below 0 or above 2<sup>32</sup> − 1, and for images
   *     whose diagonal is 46341 pixels or more
   */
  public static Map<Long, Point> mostInterior(
      RandomAccessibleInterval<? extends IntegerType<?>> labels) {
    int[] ids = Pixels.ids(labels);
    Grid grid = Grid.of(labels);
    // A frame of background makes the border of the image a boundary.
    int fy = labels.numDimensions() > 1 ? 1 : 0;
    int fz = labels.numDimensions() > 2 ? 1 : 0;
    Grid padded = new Grid(grid.width() + 2, grid.height() + 2 * fy, grid.depth() + 2 * fz);
    int[] framed = new int[padded.size()];
    for (int row = 0; row < grid.rows(); row++) {
      int to = padded.index(1, row % grid.height() + fy, row / grid.height() + fz);
      System.arraycopy(ids, row * grid.width(), framed, to, grid.width());
    }
    boolean[] boundary = FindBoundaries.find(framed, padded, BoundaryMode.INNER);
    int[] squared = DistanceTransform.squared(boundary, padded);
    float[] distance = new float[ids.length];
    for (int row = 0; row < grid.rows(); row++) {
      int from = padded.index(1, row % grid.height() + fy, row / grid.height() + fz);
      for (int x = 0; x < grid.width(); x++) {
        distance[row * grid.width() + x] = (float) Math.sqrt(squared[from + x]);
      }
    }
    return maxima(ids, distance, labels);
  }

  /**
   * The pixel of each object at which an image is highest; of several the first in raster order.
   *
   * @param labels label image of one to three axes, 0 for background
   * @param image values to compare; NaN counts as lowest
   * @return position by id, in the order of the ids
   * @throws IllegalArgumentException for images of different size, and for ids below 0 or above
   *     2<sup>32</sup> − 1
   */
  public static Map<Long, Point> maxima(
      RandomAccessibleInterval<? extends IntegerType<?>> labels,
      RandomAccessibleInterval<? extends RealType<?>> image) {
    Pixels.requireSameSize(labels, image, "the image of values");
    return maxima(Pixels.ids(labels), Pixels.values(image), labels);
  }

  private static Map<Long, Point> maxima(int[] ids, float[] values, Interval interval) {
    LongIndex index = new LongIndex();
    int[] best = new int[16];
    int lastId = 0;
    int object = -1;
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == 0) {
        continue;
      }
      if (ids[i] != lastId) {
        lastId = ids[i];
        int known = index.count();
        object = index.add(Integer.toUnsignedLong(lastId));
        if (object == known) {
          best = object == best.length ? Arrays.copyOf(best, 2 * object) : best;
          best[object] = i;
        }
      }
      float top = values[best[object]];
      if (values[i] > top || (Float.isNaN(top) && !Float.isNaN(values[i]))) {
        best[object] = i;
      }
    }
    Grid grid = Grid.of(interval);
    Map<Long, Point> out = new LinkedHashMap<>();
    for (int o : index.sorted()) {
      int[] position = {grid.x(best[o]), grid.y(best[o]), grid.z(best[o])};
      long[] point = new long[interval.numDimensions()];
      Arrays.setAll(point, d -> interval.min(d) + position[d]);
      out.put(index.key(o), Point.wrap(point));
    }
    return out;
  }
}
