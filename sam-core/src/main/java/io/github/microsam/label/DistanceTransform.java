package io.github.microsam.label;

import java.util.Arrays;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.BooleanType;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.integer.IntType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * Exact Euclidean distance transform, in pixels, in one to three dimensions: Meijster, Roerdink,
 * Hesselink, "A general algorithm for computing distance transforms in linear time" (2000), in
 * integers. Linear in pixels.
 *
 * <p>Distances are to the nearest <em>true</em> pixel: {@code
 * vigra.filters.distanceTransform(mask)} or {@code scipy.ndimage.distance_transform_edt(~mask)}.
 * The border of the image is nothing special. Images may be long as long as the square of their
 * diagonal is below 2<sup>31</sup> (32768 × 32768).
 */
public final class DistanceTransform {
  private DistanceTransform() {}

  /**
   * Distance of each pixel to the nearest true pixel.
   *
   * @param mask image of one to three axes
   * @return distances in pixels over the interval of the mask: 0 on true pixels, infinity
   *     everywhere where the mask has no true pixel
   * @throws IllegalArgumentException for images whose diagonal is 46341 pixels or more
   */
  public static RandomAccessibleInterval<FloatType> toNearest(
      RandomAccessibleInterval<? extends BooleanType<?>> mask) {
    return Pixels.values(roots(squared(Pixels.mask(mask), Grid.of(mask))), mask);
  }

  /**
   * Squared distance of each pixel to the nearest true pixel, exact.
   *
   * @param mask image of one to three axes
   * @return squared distances over the interval of the mask, {@link Integer#MAX_VALUE} everywhere
   *     where the mask has no true pixel
   * @throws IllegalArgumentException for images whose diagonal is 46341 pixels or more
   */
  public static RandomAccessibleInterval<IntType> squaredToNearest(
      RandomAccessibleInterval<? extends BooleanType<?>> mask) {
    int[] squared = squared(Pixels.mask(mask), Grid.of(mask));
    return Pixels.placed(ArrayImgs.ints(squared, mask.dimensionsAsLongArray()), mask);
  }

  /**
   * Distance of each pixel to the nearest boundary of objects.
   *
   * @param labels label image of one to three axes
   * @param mode which pixels are boundaries
   * @return distances in pixels over the interval of the labels, infinity where there is no
   *     boundary
   * @throws IllegalArgumentException for images whose diagonal is 46341 pixels or more, and for ids
   *     below 0 or above 2<sup>32</sup> − 1
   */
  public static RandomAccessibleInterval<FloatType> toBoundary(
      RandomAccessibleInterval<? extends IntegerType<?>> labels, BoundaryMode mode) {
    return toNearest(FindBoundaries.of(labels, mode));
  }

  /**
   * Vector from each pixel to the nearest true pixel. Of several nearest ones any may be chosen.
   *
   * @param mask image of one to three axes
   * @return an image with one more axis, last, for the components x, y(, z) in pixels
   * @throws IllegalArgumentException for a mask without a true pixel, and for images whose diagonal
   *     is 46341 pixels or more
   */
  public static RandomAccessibleInterval<FloatType> vectorsToNearest(
      RandomAccessibleInterval<? extends BooleanType<?>> mask) {
    Grid grid = Grid.of(mask);
    int[] nearest = new int[grid.size()];
    int[] squared = new int[grid.size()];
    squared(Pixels.mask(mask), grid, squared, nearest);
    if (squared.length > 0 && squared[0] == Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a mask without a true pixel has no nearest one");
    }
    int axes = mask.numDimensions();
    float[] vectors = new float[Math.multiplyExact(axes, grid.size())];
    Chunks.forEach(
        grid.size(),
        1 << 15,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            for (int d = 0; d < axes; d++) {
              vectors[d * grid.size() + i] =
                  coordinate(grid, nearest[i], d) - coordinate(grid, i, d);
            }
          }
        });
    long[] size = Arrays.copyOf(mask.dimensionsAsLongArray(), axes + 1);
    size[axes] = axes;
    RandomAccessibleInterval<FloatType> image = ArrayImgs.floats(vectors, size);
    return Views.isZeroMin(mask)
        ? image
        : Views.translate(image, Arrays.copyOf(mask.minAsLongArray(), axes + 1));
  }

  private static int coordinate(Grid grid, int index, int axis) {
    return switch (axis) {
      case 0 -> grid.x(index);
      case 1 -> grid.y(index);
      default -> grid.z(index);
    };
  }

  static float[] roots(int[] squared) {
    float[] out = new float[squared.length];
    Chunks.forEach(
        out.length,
        1 << 15,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            out[i] =
                squared[i] == Integer.MAX_VALUE
                    ? Float.POSITIVE_INFINITY
                    : (float) Math.sqrt(squared[i]);
          }
        });
    return out;
  }

  static int[] squared(boolean[] mask, Grid grid) {
    int[] out = new int[mask.length];
    squared(mask, grid, out, null);
    return out;
  }

  /**
   * Squared distances and, where {@code nearest} is not null, the index of the nearest true pixel.
   */
  private static void squared(boolean[] mask, Grid grid, int[] squared, int[] nearest) {
    double diagonal =
        Math.hypot(Math.hypot((double) grid.width(), grid.height()), (double) grid.depth());
    if (diagonal * diagonal >= Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "an image with a diagonal of "
              + Math.round(diagonal)
              + " pixels; distances are computed up to 46340: tile it");
    }
    Chunks.forEachRow(
        grid,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            alongX(mask, row * grid.width(), grid.width(), squared, nearest);
          }
        });
    alongAxis(squared, nearest, grid.depth(), grid.height(), grid.width());
    alongAxis(squared, nearest, 1, grid.depth(), grid.width() * grid.height());
  }

  private static void alongX(boolean[] mask, int start, int length, int[] squared, int[] nearest) {
    int last = -1;
    for (int i = start; i < start + length; i++) {
      last = mask[i] ? i : last;
      squared[i] = last < 0 ? Integer.MAX_VALUE : (i - last) * (i - last);
      if (nearest != null) {
        nearest[i] = last;
      }
    }
    last = -1;
    for (int i = start + length - 1; i >= start; i--) {
      last = mask[i] ? i : last;
      if (last >= 0 && (last - i) * (last - i) < squared[i]) {
        squared[i] = (last - i) * (last - i);
        if (nearest != null) {
          nearest[i] = last;
        }
      }
    }
  }

  /** Lines along the middle axis of an array [outer, length, inner], sixteen at a time. */
  private static void alongAxis(int[] squared, int[] nearest, int outer, int length, int inner) {
    if (length <= 1 || inner == 0) {
      return;
    }
    int block = 16; // neighbouring lines share cache lines
    int blocks = (inner + block - 1) / block;
    Chunks.forEach(
        outer * blocks,
        1 + (1 << 15) / (block * length),
        (from, to) -> {
          LowerEnvelope envelope = new LowerEnvelope(length);
          int[] lines = new int[block * length];
          int[] sites = nearest == null ? null : new int[block * length];
          for (int b = from; b < to; b++) {
            int first = b % blocks * block;
            int count = Math.min(block, inner - first);
            int start = b / blocks * length * inner + first;
            for (int u = 0; u < length; u++) {
              for (int c = 0; c < count; c++) {
                lines[c * length + u] = squared[start + u * inner + c];
                if (sites != null) {
                  sites[c * length + u] = nearest[start + u * inner + c];
                }
              }
            }
            for (int c = 0; c < count; c++) {
              envelope.transform(lines, sites, c * length);
            }
            for (int u = 0; u < length; u++) {
              for (int c = 0; c < count; c++) {
                squared[start + u * inner + c] = lines[c * length + u];
                if (sites != null) {
                  nearest[start + u * inner + c] = sites[c * length + u];
                }
              }
            }
          }
        });
  }

  /** Lower envelope of the parabolas (x − u)² + f(u) over one line; its scratch is reused. */
  private static final class LowerEnvelope {
    private final int length;
    private final int[] f;
    private final int[] old;
    private final int[] site;
    private final int[] begin;

    LowerEnvelope(int length) {
      this.length = length;
      f = new int[length];
      old = new int[length];
      site = new int[length];
      begin = new int[length];
    }

    /** Replaces f(u) by the minimum of (x − u)² + f(u), and sites by those of the minimum. */
    void transform(int[] lines, int[] sites, int start) {
      System.arraycopy(lines, start, f, 0, length);
      int q = -1;
      for (int u = 0; u < length; u++) {
        if (f[u] == Integer.MAX_VALUE) {
          continue;
        }
        while (q >= 0 && at(begin[q], site[q]) > at(begin[q], u)) {
          q--;
        }
        if (q < 0) {
          q = 0;
          site[0] = u;
          begin[0] = 0;
        } else {
          int i = site[q];
          long numerator = (long) u * u - (long) i * i + f[u] - f[i];
          long next = 1 + numerator / (2L * (u - i));
          if (next < length) {
            q++;
            site[q] = u;
            begin[q] = (int) next;
          }
        }
      }
      if (q < 0) {
        return;
      }
      if (sites != null) {
        System.arraycopy(sites, start, old, 0, length);
      }
      for (int x = length - 1; x >= 0; x--) {
        lines[start + x] = (int) at(x, site[q]);
        if (sites != null) {
          sites[start + x] = old[site[q]];
        }
        if (x == begin[q]) {
          q--;
        }
      }
    }

    private long at(int x, int u) {
      return (long) (x - u) * (x - u) + f[u];
    }
  }
}
