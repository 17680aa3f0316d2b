package io.github.microsam.segment;

import io.github.microsam.label.ConnectedComponents;
import io.github.microsam.label.Connectivity;
import io.github.microsam.label.FloodOrder;
import io.github.microsam.label.SeededWatershed;
import io.github.microsam.label.SequentialLabels;
import java.util.Arrays;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;

/**
 * Objects from a network that gives foreground and boundaries, one of the alternatives that the
 * paper compares with AIS (torch-em: {@code watershed_from_components}): the connected parts (8
 * neighbours) of the foreground without boundaries grow over the foreground.
 */
public final class BoundaryWatershed {
  private BoundaryWatershed() {}

  /**
   * Makes objects.
   *
   * @param foreground probability that a pixel belongs to an object, (x, y)
   * @param boundaries probability that it is at an object's boundary, of the same size
   * @param options thresholds and smallest size
   * @return label image (x, y); ids 1, 2, 3…
   * @throws SegmentationException if the maps differ in size
   */
  public static RandomAccessibleInterval<UnsignedIntType> segment(
      RandomAccessibleInterval<FloatType> foreground,
      RandomAccessibleInterval<FloatType> boundaries,
      BoundaryOptions options) {
    long[] size = foreground.dimensionsAsLongArray();
    if (!Arrays.equals(size, boundaries.dimensionsAsLongArray())) {
      throw new SegmentationException(
          "Maps of foreground %s and boundaries %s; expected one size."
              .formatted(
                  Arrays.toString(size), Arrays.toString(boundaries.dimensionsAsLongArray())));
    }
    float[] inside = FloatPlane.values(foreground);
    float[] boundary = FloatPlane.values(boundaries);
    float limit = (float) options.seedThreshold();
    boolean[] seeds = new boolean[inside.length];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = inside[i] - boundary[i] > limit;
    }
    boolean[] objects = FloatPlane.above(foreground, options.foregroundThreshold());
    RandomAccessibleInterval<UnsignedIntType> grown =
        SeededWatershed.flood(
            boundaries,
            ConnectedComponents.of(ArrayImgs.booleans(seeds, size), Connectivity.FULL),
            ArrayImgs.booleans(objects, size),
            FloodOrder.BUCKETS);
    return SequentialLabels.removeSmall(grown, options.minSize());
  }
}
