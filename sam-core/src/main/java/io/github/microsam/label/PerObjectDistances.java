package io.github.microsam.label;

import java.util.Arrays;
import java.util.List;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * Training targets of the UNETR decoder: torch-em's {@code PerObjectDistanceTransform}. Linear in
 * the pixels of the objects' bounding boxes, over all threads.
 *
 * <p>The centre of an object is its centroid, rounded half to even; where that lies outside the
 * object, the pixel of its box that is farthest from the inner boundaries in the box (of all
 * objects), pixels outside the object counting 0, the first in raster order. (An object that is all
 * boundary and misses its centroid thus gets a corner of its box, as in the reference.) The
 * boundary distance is inverted: largest at the boundary, 0 deepest inside. Each channel of each
 * object is divided by its largest absolute value + 1e-7. An object without a boundary, because it
 * covers the whole image, has boundary distance 0.
 */
public final class PerObjectDistances {
  private static final float EPS = 1e-7f;

  private final Grid grid;
  private final int axes;
  private final PerObjectDistanceOptions options;
  private final int[] ids;
  private final boolean[] boundary;
  private final float[] out;

  /** The first channel of distances. */
  private final int firstChannel;

  private PerObjectDistances(int[] ids, Grid grid, int axes, PerObjectDistanceOptions options) {
    this.ids = ids;
    this.grid = grid;
    this.axes = axes;
    this.options = options;
    boundary = FindBoundaries.find(ids, grid, BoundaryMode.INNER);
    out = new float[Math.multiplyExact(options.channels(axes), grid.size())];
    firstChannel = (options.instances() ? 1 : 0) + (options.foreground() ? 1 : 0);
  }

  /**
   * Computes the targets of a label image.
   *
   * @param labels label image of one to three axes, 0 for background
   * @param options which channels
   * @return an image with one more axis, last, for the channels: instances, foreground, centre
   *     distance, directed distances x, y(, z), boundary distance, of which those that the options
   *     ask for. (The reference has directed distances in the order (z,) y, x.)
   * @throws IllegalArgumentException where no distance is asked for, for ids below 0 or above
   *     2<sup>32</sup> − 1, and for objects whose box has a diagonal of 46341 pixels or more
   */
  public static RandomAccessibleInterval<FloatType> of(
      RandomAccessibleInterval<? extends IntegerType<?>> labels, PerObjectDistanceOptions options) {
    if (!options.centerDistances()
        && !options.directedDistances()
        && !options.boundaryDistances()) {
      throw new IllegalArgumentException("options that ask for no distance: " + options);
    }
    Grid grid = Grid.of(labels);
    int axes = labels.numDimensions();
    int[] ids = Pixels.ids(labels);
    if (options.separate()) {
      ids = ConnectedComponents.label(ids, grid, Connectivity.FULL);
    }
    ids = SequentialLabels.keep(ids, options.minSize(), false);
    PerObjectDistances distances = new PerObjectDistances(ids, grid, axes, options);
    distances.compute(labels);
    long[] size = Arrays.copyOf(labels.dimensionsAsLongArray(), axes + 1);
    size[axes] = options.channels(axes);
    RandomAccessibleInterval<FloatType> image = ArrayImgs.floats(distances.out, size);
    return Views.isZeroMin(labels)
        ? image
        : Views.translate(image, Arrays.copyOf(labels.minAsLongArray(), axes + 1));
  }

  private void compute(Interval interval) {
    int n = grid.size();
    Arrays.fill(out, firstChannel * n, out.length, options.fill());
    for (int i = 0; i < n; i++) {
      if (options.instances()) {
        out[i] = ids[i];
      }
      if (options.foreground()) {
        out[(firstChannel - 1) * n + i] = ids[i] == 0 ? 0 : 1;
      }
    }
    Interval atOrigin = new FinalInterval(interval.dimensionsAsLongArray());
    List<LabelRegion> regions = LabelRegions.of(ids, atOrigin);
    Chunks.forEach(
        regions.size(),
        1,
        (from, to) -> {
          for (LabelRegion region : regions.subList(from, to)) {
            new ObjectInBox(region).write();
          }
        });
  }

  /** One object in its bounding box. */
  private final class ObjectInBox {
    final int id;
    final Grid crop;

    /** First pixel of the box. */
    final int[] origin = new int[3];

    final int[] center = new int[3];

    /** Index in the image of each pixel of the box. */
    final int[] inImage;

    /** Distance to the boundaries in the box, 0 outside the object. */
    final float[] depth;

    final int deepest;

    ObjectInBox(LabelRegion region) {
      id = (int) region.id();
      crop = Grid.of(region.box());
      for (int d = 0; d < axes; d++) {
        origin[d] = (int) region.box().min(d);
        center[d] = (int) Math.rint(region.centroid().getDoublePosition(d)) - origin[d];
      }
      inImage = inImage();
      boolean outside = ids[inImage[crop.index(center[0], center[1], center[2])]] != id;
      depth = outside || options.boundaryDistances() ? depth() : null;
      deepest = depth == null ? -1 : argMax(depth);
      if (outside) {
        center[0] = crop.x(deepest);
        center[1] = crop.y(deepest);
        center[2] = crop.z(deepest);
      }
    }

    private float[] depth() {
      boolean[] cropped = new boolean[crop.size()];
      for (int i = 0; i < cropped.length; i++) {
        cropped[i] = boundary[inImage[i]];
      }
      int[] squared = DistanceTransform.squared(cropped, crop);
      float[] distance = new float[squared.length];
      for (int i = 0; i < distance.length; i++) {
        boolean counts = ids[inImage[i]] == id && squared[i] != Integer.MAX_VALUE;
        distance[i] = counts ? (float) Math.sqrt(squared[i]) : 0;
      }
      return distance;
    }

    private int[] inImage() {
      int[] out = new int[crop.size()];
      int i = 0;
      for (int z = 0; z < crop.depth(); z++) {
        for (int y = 0; y < crop.height(); y++) {
          int start = grid.index(origin[0], origin[1] + y, origin[2] + z);
          for (int x = 0; x < crop.width(); x++) {
            out[i++] = start + x;
          }
        }
      }
      return out;
    }

    void write() {
      int channel = firstChannel;
      if (options.centerDistances()) {
        write(channel++, i -> (float) Math.sqrt(squaredToCenter(i)));
      }
      if (options.directedDistances()) {
        write(channel++, i -> center[0] - crop.x(i));
        if (axes > 1) {
          write(channel++, i -> center[1] - crop.y(i));
        }
        if (axes > 2) {
          write(channel++, i -> center[2] - crop.z(i));
        }
      }
      if (options.boundaryDistances()) {
        write(channel, i -> depth[deepest] - depth[i]);
      }
    }

    private double squaredToCenter(int i) {
      double dx = center[0] - crop.x(i);
      double dy = center[1] - crop.y(i);
      double dz = center[2] - crop.z(i);
      return dx * dx + dy * dy + dz * dz;
    }

    private void write(int channel, ValueAt value) {
      int start = channel * grid.size();
      float largest = 0;
      for (int i = 0; i < crop.size(); i++) {
        int at = inImage[i];
        if (ids[at] == id) {
          out[start + at] = value.at(i);
          largest = Math.max(largest, Math.abs(out[start + at]));
        }
      }
      for (int i = 0; i < crop.size(); i++) {
        int at = inImage[i];
        if (ids[at] == id) {
          out[start + at] /= largest + EPS;
        }
      }
    }
  }

  @FunctionalInterface
  private interface ValueAt {
    float at(int pixelOfCrop);
  }

  private static int argMax(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }
}
