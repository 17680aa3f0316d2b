package io.github.microsam.segment;

import io.github.microsam.image.Tiling;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import net.imglib2.img.array.ArrayImgs;

/** Maps of an image from those of its tiles: every pixel is taken from the tile that it is in. */
final class MapStitching {
  /** Foreground, centre distances, boundary distances. */
  static final int MAPS = 3;

  private MapStitching() {}

  /**
   * Puts maps together.
   *
   * @param skipped tiles that are background
   * @param maps gives a tile's maps with its halo, [3, height, width]
   */
  static DistanceMaps stitch(
      Tiling tiling,
      IntPredicate skipped,
      IntFunction<float[]> maps,
      SegmentationListener listener) {
    int width = tiling.width();
    int height = tiling.height();
    ImageMemory.requireOneArray(width, height);
    float[][] whole = new float[MAPS][width * height];
    Arrays.fill(whole[1], 1);
    Arrays.fill(whole[2], 1);
    listener.progress(0, tiling.count());
    for (int t = 0; t < tiling.count(); t++) {
      if (!skipped.test(t)) {
        place(maps.apply(t), tiling, t, whole);
      }
      listener.progress(t + 1L, tiling.count());
    }
    return new DistanceMaps(
        ArrayImgs.floats(whole[0], width, height),
        ArrayImgs.floats(whole[1], width, height),
        ArrayImgs.floats(whole[2], width, height));
  }

  private static void place(float[] maps, Tiling tiling, int tile, float[][] whole) {
    Tiling.Region outer = tiling.outer(tile);
    Tiling.Region inner = tiling.inner(tile);
    Tiling.Region own = tiling.innerInOuter(tile);
    for (int c = 0; c < MAPS; c++) {
      for (int y = 0; y < inner.height(); y++) {
        int from = (c * outer.height() + own.y() + y) * outer.width() + own.x();
        int to = (inner.y() + y) * tiling.width() + inner.x();
        System.arraycopy(maps, from, whole[c], to, inner.width());
      }
    }
  }
}
