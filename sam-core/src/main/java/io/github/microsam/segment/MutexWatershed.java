package io.github.microsam.segment;

import io.github.microsam.label.FloodOrder;
import io.github.microsam.label.LabelRegion;
import io.github.microsam.label.LabelRegions;
import io.github.microsam.label.SeededWatershed;
import io.github.microsam.label.SequentialLabels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * Objects from affinities, one of the alternatives that the paper compares with AIS: the Mutex
 * Watershed (Wolf et al. 2018; torch-em: {@code mutex_watershed_segmentation}). Pairs of pixels are
 * taken by the strength of what the network says of them: neighbours are merged unless something
 * keeps them apart, and pairs of distant pixels are kept apart unless they are merged already.
 *
 * <p>Affinities are as torch-em trains them: 1 where two pixels belong to different objects, 0
 * where they belong to the same.
 */
public final class MutexWatershed {
  private static final int AXES = 2;

  private final int width;
  private final int height;
  private final boolean[] inside;
  private final int[] parent;

  /** By root: roots, or what were roots, that it must not be merged with. */
  private final List<Set<Integer>> apart;

  private MutexWatershed(int width, int height, boolean[] inside) {
    this.width = width;
    this.height = height;
    this.inside = inside;
    parent = new int[inside.length];
    Arrays.setAll(parent, i -> i);
    apart = new ArrayList<>(Collections.nCopies(inside.length, null));
  }

  /**
   * Makes objects.
   *
   * @param foreground probability that a pixel belongs to an object, (x, y)
   * @param affinities (x, y, pair), 0 to 1
   * @param offsets from the first pixel of a pair to the second, as (x, y): the two neighbours
   *     first, which attract, then the distant ones, which repel
   * @param options threshold, stride and smallest size
   * @return label image (x, y); ids 1, 2, 3…
   * @throws SegmentationException if the maps differ in size, or offsets are missing
   */
  public static RandomAccessibleInterval<UnsignedIntType> segment(
      RandomAccessibleInterval<FloatType> foreground,
      RandomAccessibleInterval<FloatType> affinities,
      List<long[]> offsets,
      MutexOptions options) {
    check(foreground, affinities, offsets);
    int width = (int) foreground.dimension(0);
    int height = (int) foreground.dimension(1);
    boolean[] inside = FloatPlane.above(foreground, options.foregroundThreshold());
    float[] values = FloatPlane.values(foreground);
    for (int i = 0; i < inside.length; i++) {
      inside[i] |= values[i] == (float) options.foregroundThreshold();
    }
    float[][] pairs = new float[offsets.size()][];
    for (int c = 0; c < pairs.length; c++) {
      pairs[c] = FloatPlane.values(Views.hyperSlice(affinities, 2, affinities.min(2) + c));
    }
    int[] ids = new MutexWatershed(width, height, inside).run(pairs, offsets, options.stride());
    RandomAccessibleInterval<UnsignedIntType> labels =
        SequentialLabels.relabel(ArrayImgs.unsignedInts(ids, width, height));
    return options.minSize() > 0 ? withoutSmall(labels, pairs, options.minSize()) : labels;
  }

  private static void check(
      RandomAccessibleInterval<FloatType> foreground,
      RandomAccessibleInterval<FloatType> affinities,
      List<long[]> offsets) {
    if (foreground.numDimensions() != AXES
        || affinities.numDimensions() != AXES + 1
        || affinities.dimension(0) != foreground.dimension(0)
        || affinities.dimension(1) != foreground.dimension(1)
        || affinities.dimension(2) != offsets.size()
        || offsets.size() < AXES) {
      throw new SegmentationException(
          "Foreground %s, affinities %s and %d offsets; expected (x, y), (x, y, pair) and an offset for each pair, at least 2."
              .formatted(
                  Arrays.toString(foreground.dimensionsAsLongArray()),
                  Arrays.toString(affinities.dimensionsAsLongArray()),
                  offsets.size()));
    }
  }

  private int[] run(float[][] pairs, List<long[]> offsets, int stride) {
    for (long edge : strongestFirst(pairs, offsets, stride)) {
      int at = (int) (edge & 0xffffffffL);
      int channel = at / inside.length;
      int first = at % inside.length;
      int second = first + step(offsets.get(channel));
      if (channel < AXES) {
        merge(root(first), root(second));
      } else {
        keepApart(root(first), root(second));
      }
    }
    int[] ids = new int[inside.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = inside[i] ? root(i) + 1 : 0;
    }
    return ids;
  }

  private int step(long[] offset) {
    return (int) (offset[1] * width + offset[0]);
  }

  /**
   * Edges by falling strength; of equals by their channel, then raster order. In the upper half of
   * each number is what sorts, in the lower the edge.
   */
  private long[] strongestFirst(float[][] pairs, List<long[]> offsets, int stride) {
    if ((long) pairs.length * inside.length > Integer.MAX_VALUE) {
      throw new SegmentationException("Too many pairs of pixels: segment parts of the image.");
    }
    long[] edges = new long[1024];
    int n = 0;
    for (int c = 0; c < pairs.length; c++) {
      long[] offset = offsets.get(c);
      int every = c < AXES ? 1 : stride;
      for (int y = 0; y < height; y += every) {
        for (int x = 0; x < width; x += every) {
          int i = y * width + x;
          if (!isInside(x + offset[0], y + offset[1]) || !inside[i]) {
            continue;
          }
          float strength = c < AXES ? 1 - pairs[c][i] : pairs[c][i];
          edges = n == edges.length ? Arrays.copyOf(edges, 2 * n) : edges;
          edges[n++] =
              (long) -sortable(strength) << 32 | Integer.toUnsignedLong(c * inside.length + i);
        }
      }
    }
    edges = Arrays.copyOf(edges, n);
    Arrays.parallelSort(edges);
    return edges;
  }

  private boolean isInside(long x, long y) {
    return x >= 0 && y >= 0 && x < width && y < height && inside[(int) (y * width + x)];
  }

  /** An int that grows with a float, whatever its sign; −0 is 0, NaN the largest. */
  private static int sortable(float value) {
    int bits = Float.floatToIntBits(value + 0f);
    return bits >= 0 ? bits : Integer.MIN_VALUE - bits;
  }

  private int root(int i) {
    int at = i;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  private void merge(int a, int b) {
    if (a == b || areApart(a, b)) {
      return;
    }
    Set<Integer> ofA = apart.get(a);
    Set<Integer> ofB = apart.get(b);
    boolean intoB = size(ofA) < size(ofB);
    int kept = intoB ? b : a;
    int gone = intoB ? a : b;
    parent[gone] = kept;
    Set<Integer> moved = apart.get(gone);
    if (moved != null) {
      for (int other : moved) {
        apart.get(other).remove(gone);
        apart.get(other).add(kept);
        apart(kept).add(other);
      }
      apart.set(gone, null);
    }
  }

  private static int size(Set<Integer> set) {
    return set == null ? 0 : set.size();
  }

  private boolean areApart(int a, int b) {
    Set<Integer> ofA = apart.get(a);
    return ofA != null && ofA.contains(b);
  }

  private void keepApart(int a, int b) {
    if (a != b) {
      apart(a).add(b);
      apart(b).add(a);
    }
  }

  private Set<Integer> apart(int root) {
    Set<Integer> set = apart.get(root);
    if (set == null) {
      set = new HashSet<>();
      apart.set(root, set);
    }
    return set;
  }

  /** Lets the neighbours of small objects, background among them, grow over these. */
  private static RandomAccessibleInterval<UnsignedIntType> withoutSmall(
      RandomAccessibleInterval<UnsignedIntType> labels, float[][] pairs, long minSize) {
    Set<Integer> small = new HashSet<>();
    for (LabelRegion region : LabelRegions.of(labels)) {
      if (region.size() < minSize) {
        small.add((int) region.id());
      }
    }
    if (small.isEmpty()) {
      return labels;
    }
    float[] between = new float[pairs[0].length];
    int[] seeds = new int[between.length];
    var cursor = Views.flatIterable(labels).cursor();
    for (int i = 0; i < seeds.length; i++) {
      int id = cursor.next().getInt();
      seeds[i] = small.contains(id) ? 0 : id + 1; // 1 is background, which grows too
      between[i] = Math.max(pairs[0][i], pairs[1][i]);
    }
    long[] size = labels.dimensionsAsLongArray();
    boolean[] everywhere = new boolean[seeds.length];
    Arrays.fill(everywhere, true);
    RandomAccessibleInterval<UnsignedIntType> grown =
        SeededWatershed.flood(
            ArrayImgs.floats(between, size),
            ArrayImgs.unsignedInts(seeds, size),
            ArrayImgs.booleans(everywhere, size),
            FloodOrder.BUCKETS);
    grown.forEach(id -> id.setInt(Math.max(0, id.getInt() - 1)));
    return SequentialLabels.relabel(grown);
  }
}
