package io.github.microsam.segment;

import io.github.microsam.label.BoundaryMode;
import io.github.microsam.label.ConnectedComponents;
import io.github.microsam.label.Connectivity;
import io.github.microsam.label.DistanceTransform;
import io.github.microsam.label.FindBoundaries;
import io.github.microsam.label.ObjectCenters;
import java.util.Collection;
import java.util.List;
import net.imglib2.Point;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.integer.UnsignedIntType;

/**
 * Points to prompt with: one in each connected part (4 neighbours) of the foreground near a centre
 * and far from a boundary, where it is farthest from the part's outer boundary and from the border
 * of the image; of several the first in raster order (micro-sam's {@code _derive_point_prompts}).
 *
 * <p>Distances are exact. The reference computes them in blocks of 512² with a halo of 16 pixels,
 * so that larger distances near the blocks' edges, and thus its points there, may differ.
 */
final class PointPrompts {
  private PointPrompts() {}

  /** Points (x, y) in the order of the parts' first pixels. */
  static List<Point> of(DistanceMaps maps, ApgOptions options) {
    long[] size = maps.foreground().dimensionsAsLongArray();
    float[] foreground = FloatPlane.values(maps.foreground());
    float limit = (float) options.foregroundThreshold();
    boolean[] seeds = new boolean[foreground.length];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = !(foreground[i] < limit);
    }
    FloatPlane.keepBelow(maps.centerDistances(), options.centerDistanceThreshold(), seeds);
    FloatPlane.keepBelow(maps.boundaryDistances(), options.boundaryDistanceThreshold(), seeds);
    RandomAccessibleInterval<UnsignedIntType> parts =
        ConnectedComponents.of(ArrayImgs.booleans(seeds, size), Connectivity.FACES);
    RandomAccessibleInterval<NativeBoolType> edges = FindBoundaries.of(parts, BoundaryMode.OUTER);
    closeBorder(edges);
    Collection<Point> points =
        ObjectCenters.maxima(parts, DistanceTransform.toNearest(edges)).values();
    return List.copyOf(points);
  }

  private static void closeBorder(RandomAccessibleInterval<NativeBoolType> edges) {
    RandomAccess<NativeBoolType> at = edges.randomAccess();
    long right = edges.max(0);
    long bottom = edges.max(1);
    for (long x = 0; x <= right; x++) {
      at.setPositionAndGet(x, 0).set(true);
      at.setPositionAndGet(x, bottom).set(true);
    }
    for (long y = 0; y <= bottom; y++) {
      at.setPositionAndGet(0, y).set(true);
      at.setPositionAndGet(right, y).set(true);
    }
  }
}
