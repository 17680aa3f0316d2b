package io.github.microsam.label;

import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.IntegerType;

/**
 * Boundaries of the objects of a label image: {@code skimage.segmentation.find_boundaries} with
 * connectivity 1. The border of the image is no boundary. Linear in pixels.
 */
public final class FindBoundaries {
  private FindBoundaries() {}

  /**
   * Marks boundary pixels.
   *
   * @param labels label image of one to three axes, 0 for background
   * @param mode which side of an edge is marked
   * @return mask over the interval of the labels
   * @throws IllegalArgumentException for ids below 0 or above 2<sup>32</sup> − 1
   */
  public static RandomAccessibleInterval<NativeBoolType> of(
      RandomAccessibleInterval<? extends IntegerType<?>> labels, BoundaryMode mode) {
    return Pixels.mask(find(Pixels.ids(labels), Grid.of(labels), mode), labels);
  }

  static boolean[] find(int[] ids, Grid grid, BoundaryMode mode) {
    boolean[] out = new boolean[ids.length];
    Chunks.forEachRow(
        grid,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            findRow(ids, grid, mode, row, out);
          }
        });
    return out;
  }

  private static void findRow(int[] ids, Grid grid, BoundaryMode mode, int row, boolean[] out) {
    int w = grid.width();
    int plane = w * grid.height();
    int y = row % grid.height();
    int z = row / grid.height();
    for (int x = 0, i = row * w; x < w; x++, i++) {
      int id = ids[i];
      if (id == 0 && mode == BoundaryMode.INNER) {
        continue;
      }
      boolean edge =
          (x > 0 && ids[i - 1] != id)
              || (x + 1 < w && ids[i + 1] != id)
              || (y > 0 && ids[i - w] != id)
              || (y + 1 < grid.height() && ids[i + w] != id)
              || (z > 0 && ids[i - plane] != id)
              || (z + 1 < grid.depth() && ids[i + plane] != id);
      out[i] =
          edge && (mode != BoundaryMode.OUTER || id == 0 || meetsObject(ids, grid, i, x, y, z));
    }
  }

  /** Whether another object is among the full neighbours of an object's pixel. */
  private static boolean meetsObject(int[] ids, Grid grid, int i, int x, int y, int z) {
    for (int nz = Math.max(0, z - 1); nz <= Math.min(grid.depth() - 1, z + 1); nz++) {
      for (int ny = Math.max(0, y - 1); ny <= Math.min(grid.height() - 1, y + 1); ny++) {
        for (int nx = Math.max(0, x - 1); nx <= Math.min(grid.width() - 1, x + 1); nx++) {
          int id = ids[grid.index(nx, ny, nz)];
          if (id != 0 && id != ids[i]) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
