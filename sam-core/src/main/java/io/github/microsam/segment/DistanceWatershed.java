package io.github.microsam.segment;

import io.github.microsam.label.ConnectedComponents;
import io.github.microsam.label.Connectivity;
import io.github.microsam.label.FloodOrder;
import io.github.microsam.label.GaussianFilter;
import io.github.microsam.label.SeededWatershed;
import io.github.microsam.label.SequentialLabels;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.real.FloatType;

/**
 * Automatic instance segmentation (AIS) from the maps of the decoder: micro-sam's {@code
 * InstanceSegmentationWithDecoder.generate}, torch-em's {@code
 * watershed_from_center_and_boundary_distances}. The maps are smoothed, the connected parts (8
 * neighbours) of the foreground near a centre and far from a boundary are seeds, and these grow
 * over the foreground along the boundary distances.
 *
 * <p>A pure function of maps and options: the maps stay as they are, and the same options give the
 * same objects again.
 *
 * <p>For tiled images the same is done with the maps of the whole image, which have no seams.
 * micro-sam's command does it block by block instead, connects seeds by 4 neighbours, and smooths
 * its maps in place, so that each further {@code generate} smooths them more; numbers published for
 * tiled images, and for several runs on one state, were made with that and may differ.
 */
public final class DistanceWatershed {
  private DistanceWatershed() {}

  /**
   * Makes objects.
   *
   * @param maps of the decoder, or other ones with the same meaning
   * @param options thresholds, smoothing and smallest size
   * @return label image (x, y); ids 1, 2, 3… in raster order of the seeds
   * @throws SegmentationException if the boundary distances of the foreground are not numbers
   */
  public static RandomAccessibleInterval<UnsignedIntType> segment(
      DistanceMaps maps, AisOptions options) {
    RandomAccessibleInterval<FloatType> foreground =
        GaussianFilter.smooth(maps.foreground(), options.foregroundSmoothing());
    RandomAccessibleInterval<FloatType> center =
        GaussianFilter.smooth(maps.centerDistances(), options.distanceSmoothing());
    RandomAccessibleInterval<FloatType> boundary =
        GaussianFilter.smooth(maps.boundaryDistances(), options.distanceSmoothing());
    long[] size = foreground.dimensionsAsLongArray();
    boolean[] objects = FloatPlane.above(foreground, options.foregroundThreshold());
    boolean[] seeds = objects.clone();
    FloatPlane.keepBelow(center, options.centerDistanceThreshold(), seeds);
    FloatPlane.keepBelow(boundary, options.boundaryDistanceThreshold(), seeds);
    RandomAccessibleInterval<UnsignedIntType> grown =
        SeededWatershed.flood(
            boundary,
            ConnectedComponents.of(ArrayImgs.booleans(seeds, size), Connectivity.FULL),
            ArrayImgs.booleans(objects, size),
            FloodOrder.BUCKETS);
    return options.minSize() > 0 ? SequentialLabels.removeSmall(grown, options.minSize()) : grown;
  }
}
