package io.github.microsam.label;

import java.util.Arrays;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.BooleanType;
import net.imglib2.type.numeric.IntegerType;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;

/**
 * Watershed from seeds in one to three dimensions: the seeds grow over face neighbours, low pixels
 * first. There is no watershed line: every pixel of the mask that a seed can reach through the mask
 * gets the id of one, all others 0. Seeds outside the mask are ignored.
 */
public final class SeededWatershed {
  private SeededWatershed() {}

  /**
   * Floods the whole image in {@link FloodOrder#BUCKETS} order.
   *
   * @param height height of each pixel; one to three axes
   * @param seeds ids to grow, 0 where there is none
   * @return label image over the interval of {@code height}
   * @throws IllegalArgumentException for images of different size, NaN in the heights, and ids
   *     below 0 or above 2<sup>32</sup> − 1
   */
  public static RandomAccessibleInterval<UnsignedIntType> flood(
      RandomAccessibleInterval<? extends RealType<?>> height,
      RandomAccessibleInterval<? extends IntegerType<?>> seeds) {
    boolean[] everywhere = new boolean[Grid.of(height).size()];
    Arrays.fill(everywhere, true);
    return flood(height, seeds, Pixels.mask(everywhere, height), FloodOrder.BUCKETS);
  }

  /**
   * Floods the pixels of a mask.
   *
   * @param height height of each pixel; one to three axes
   * @param seeds ids to grow, 0 where there is none
   * @param mask where to flood; pixels outside get 0
   * @param order which pixel is flooded next
   * @return label image over the interval of {@code height}
   * @throws IllegalArgumentException for images of different size, NaN inside the mask, and ids
   *     below 0 or above 2<sup>32</sup> − 1
   */
  public static RandomAccessibleInterval<UnsignedIntType> flood(
      RandomAccessibleInterval<? extends RealType<?>> height,
      RandomAccessibleInterval<? extends IntegerType<?>> seeds,
      RandomAccessibleInterval<? extends BooleanType<?>> mask,
      FloodOrder order) {
    Pixels.requireSameSize(height, seeds, "the seeds' image");
    Pixels.requireSameSize(height, mask, "the mask");
    Grid grid = Grid.of(height);
    float[] heights = Pixels.values(height);
    boolean[] where = Pixels.mask(mask);
    int[] ids = inside(Pixels.ids(seeds), heights, where, grid);
    ids =
        order == FloodOrder.BUCKETS
            ? new BucketFlood(heights, ids, where, grid).flood()
            : new HeapFlood(heights, ids, where, grid).flood();
    return Pixels.labels(ids, height);
  }

  /** The seeds inside the mask, whose heights are checked. */
  private static int[] inside(int[] seeds, float[] height, boolean[] mask, Grid grid) {
    int[] ids = new int[seeds.length];
    for (int i = 0; i < ids.length; i++) {
      if (mask[i]) {
        ids[i] = seeds[i];
        if (Float.isNaN(height[i])) {
          throw new IllegalArgumentException(
              "height NaN at pixel (%d, %d, %d): a watershed needs numbers"
                  .formatted(grid.x(i), grid.y(i), grid.z(i)));
        }
      }
    }
    return ids;
  }
}
