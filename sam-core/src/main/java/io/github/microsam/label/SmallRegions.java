package io.github.microsam.label;

import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.BooleanType;
import net.imglib2.type.logic.NativeBoolType;

/**
 * Clean-up of small holes and islands in a mask: {@code remove_small_regions} of segment-anything.
 * Regions are connected in full (8 neighbours).
 */
public final class SmallRegions {
  private SmallRegions() {}

  /**
   * A cleaned mask.
   *
   * @param mask the mask, over the interval of the input
   * @param changed whether anything was small. (Also true where all islands were small and the only
   *     one was kept.)
   */
  public record Cleaned(RandomAccessibleInterval<NativeBoolType> mask, boolean changed) {}

  /**
   * Fills holes that are smaller than an area. Background that touches the border counts as a hole
   * too, as in the reference.
   *
   * @param mask image of one to three axes
   * @param minArea regions of fewer pixels are small
   * @return the mask without small holes
   */
  public static Cleaned fillHoles(
      RandomAccessibleInterval<? extends BooleanType<?>> mask, long minArea) {
    boolean[] pixels = Pixels.mask(mask);
    boolean[] background = new boolean[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      background[i] = !pixels[i];
    }
    int[] regions = ConnectedComponents.label(background, Grid.of(mask), Connectivity.FULL);
    long[] area = areas(regions);
    boolean[] out = pixels.clone();
    boolean changed = false;
    for (int i = 0; i < out.length; i++) {
      if (regions[i] != 0 && area[regions[i]] < minArea) {
        out[i] = true;
        changed = true;
      }
    }
    return new Cleaned(Pixels.mask(out, mask), changed);
  }

  /**
   * Removes islands that are smaller than an area. If all are, the largest stays, of equals the
   * first in raster order.
   *
   * @param mask image of one to three axes
   * @param minArea regions of fewer pixels are small
   * @return the mask without small islands
   */
  public static Cleaned removeIslands(
      RandomAccessibleInterval<? extends BooleanType<?>> mask, long minArea) {
    boolean[] out = Pixels.mask(mask).clone();
    int[] regions = ConnectedComponents.label(out, Grid.of(mask), Connectivity.FULL);
    long[] area = areas(regions);
    int largest = 1;
    boolean changed = false;
    for (int r = 1; r < area.length; r++) {
      largest = area[r] > area[largest] ? r : largest;
      changed |= area[r] < minArea;
    }
    for (int i = 0; i < out.length; i++) {
      out[i] = regions[i] != 0 && (area[regions[i]] >= minArea || regions[i] == largest);
    }
    return new Cleaned(Pixels.mask(out, mask), changed);
  }

  private static long[] areas(int[] regions) {
    int count = 0;
    for (int region : regions) {
      count = Math.max(count, region);
    }
    long[] area = new long[count + 1];
    for (int region : regions) {
      area[region]++;
    }
    return area;
  }
}
