package io.github.microsam.label;

import java.util.Arrays;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.BooleanType;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.integer.UnsignedIntType;

/**
 * Connected components of masks and of label images, in one to three dimensions.
 *
 * <p>Ids are 1, 2, 3… in raster order of each component's first pixel, as {@code
 * skimage.measure.label} and {@code bioimage_cpp.segmentation.label} give them, whatever the number
 * of threads. Linear in pixels (union–find).
 */
public final class ConnectedComponents {
  private static final int BACKGROUND = -1;

  private final int[] values;
  private final Grid grid;

  /** Neighbours that come earlier in raster order, as x, y, z triples. */
  private final int[][] earlier;

  /** Index of a pixel of the same component that comes earlier, or the pixel's own. */
  private final int[] parent;

  private ConnectedComponents(int[] values, Grid grid, Connectivity connectivity) {
    this.values = values;
    this.grid = grid;
    this.earlier = earlier(grid, connectivity);
    this.parent = new int[values.length];
  }

  /**
   * Components of the true pixels of a mask.
   *
   * @param mask image of one to three axes
   * @param connectivity which pixels touch
   * @return label image over the interval of the mask
   * @throws IllegalArgumentException for more than three axes or 2<sup>31</sup> − 9 pixels
   */
  public static RandomAccessibleInterval<UnsignedIntType> of(
      RandomAccessibleInterval<? extends BooleanType<?>> mask, Connectivity connectivity) {
    return Pixels.labels(label(Pixels.mask(mask), Grid.of(mask), connectivity), mask);
  }

  /**
   * Components of pixels that hold the same id; an object in two pieces becomes two objects.
   *
   * @param labels label image of one to three axes, 0 for background
   * @param connectivity which pixels touch
   * @return label image over the interval of the input
   * @throws IllegalArgumentException for negative ids or ids above 2<sup>32</sup> − 1, more than
   *     three axes or 2<sup>31</sup> − 9 pixels
   */
  public static RandomAccessibleInterval<UnsignedIntType> ofLabels(
      RandomAccessibleInterval<? extends IntegerType<?>> labels, Connectivity connectivity) {
    return Pixels.labels(label(Pixels.ids(labels), Grid.of(labels), connectivity), labels);
  }

  static int[] label(boolean[] mask, Grid grid, Connectivity connectivity) {
    int[] values = new int[mask.length];
    for (int i = 0; i < mask.length; i++) {
      values[i] = mask[i] ? 1 : 0;
    }
    return label(values, grid, connectivity);
  }

  static int[] label(int[] values, Grid grid, Connectivity connectivity) {
    return new ConnectedComponents(values, grid, connectivity).label();
  }

  private int[] label() {
    // Slabs of lines (planes in 3D) are united by themselves, then their seams one by one.
    boolean planes = grid.depth() > 1;
    int linesPerUnit = planes ? grid.height() : 1;
    int units = planes ? grid.depth() : grid.height();
    int unitSize = linesPerUnit * grid.width();
    boolean[] seam = new boolean[units];
    Chunks.forEach(
        units,
        1 + (1 << 16) / Math.max(1, unitSize),
        (from, to) -> {
          seam[from] = from > 0;
          for (int unit = from; unit < to; unit++) {
            unite(unit * linesPerUnit, (unit + 1) * linesPerUnit, from * unitSize, true);
          }
        });
    for (int unit = 0; unit < units; unit++) {
      if (seam[unit]) {
        unite(unit * linesPerUnit, (unit + 1) * linesPerUnit, 0, false);
      }
    }
    return number();
  }

  /**
   * Unites the pixels of some lines with their earlier neighbours.
   *
   * @param first neighbours before this index are left alone
   * @param fresh whether the pixels are seen for the first time
   */
  private void unite(int fromRow, int toRow, int first, boolean fresh) {
    int w = grid.width();
    for (int row = fromRow; row < toRow; row++) {
      int y = row % grid.height();
      int z = row / grid.height();
      for (int x = 0, i = row * w; x < w; x++, i++) {
        if (fresh) {
          parent[i] = values[i] == 0 ? BACKGROUND : i;
        }
        if (values[i] == 0) {
          continue;
        }
        for (int[] o : earlier) {
          int nx = x + o[0];
          int ny = y + o[1];
          int nz = z + o[2];
          if (nx < 0 || nx >= w || ny < 0 || ny >= grid.height() || nz < 0) {
            continue;
          }
          int j = grid.index(nx, ny, nz);
          if (j >= first && values[j] == values[i]) {
            unite(i, j);
          }
        }
      }
    }
  }

  private void unite(int i, int j) {
    int a = root(i);
    int b = root(j);
    if (a < b) {
      parent[b] = a;
    } else if (b < a) {
      parent[a] = b;
    }
  }

  private int root(int i) {
    int at = i;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  /** Roots are their components' first pixels, and parents come earlier: one pass numbers all. */
  private int[] number() {
    int count = 0;
    for (int i = 0; i < parent.length; i++) {
      if (parent[i] == BACKGROUND) {
        parent[i] = 0;
      } else {
        parent[i] = parent[i] == i ? ++count : parent[parent[i]];
      }
    }
    return parent;
  }

  private static int[][] earlier(Grid grid, Connectivity connectivity) {
    int[][] out = new int[13][];
    int n = 0;
    for (int z = grid.depth() > 1 ? -1 : 0; z <= 0; z++) {
      for (int y = grid.height() > 1 ? -1 : 0; y <= (z < 0 && grid.height() > 1 ? 1 : 0); y++) {
        for (int x = -1; x <= 1; x++) {
          boolean before = z < 0 || y < 0 || (y == 0 && x < 0);
          boolean face = Math.abs(x) + Math.abs(y) + Math.abs(z) == 1;
          if (before && (face || connectivity == Connectivity.FULL)) {
            out[n++] = new int[] {x, y, z};
          }
        }
      }
    }
    return Arrays.copyOf(out, n);
  }
}
