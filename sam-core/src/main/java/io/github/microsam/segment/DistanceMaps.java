package io.github.microsam.segment;

import io.github.microsam.image.ImageException;
import java.nio.file.Path;
import java.util.Arrays;
import net.imglib2.Interval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;

/**
 * What the decoder says of an image, all in 0 to 1 and (x, y): the state from which AIS and APG
 * make objects, as often as one likes.
 *
 * @param foreground probability that a pixel belongs to an object
 * @param centerDistances distance to the centre of the object, relative to the object's largest; 1
 *     outside
 * @param boundaryDistances inverted distance to the object's boundary: 0 where it is deepest, 1 at
 *     the boundary and outside
 */
public record DistanceMaps(
    RandomAccessibleInterval<FloatType> foreground,
    RandomAccessibleInterval<FloatType> centerDistances,
    RandomAccessibleInterval<FloatType> boundaryDistances) {

  /**
   * Checks the sizes.
   *
   * @param foreground probability that a pixel belongs to an object
   * @param centerDistances of the same size
   * @param boundaryDistances of the same size
   * @throws SegmentationException if the maps have not two axes, or their sizes differ
   */
  public DistanceMaps {
    if (foreground.numDimensions() != 2
        || !same(foreground, centerDistances)
        || !same(foreground, boundaryDistances)) {
      throw new SegmentationException(
          "Maps of foreground %s, centre distances %s and boundary distances %s; expected (x, y) of one size."
              .formatted(size(foreground), size(centerDistances), size(boundaryDistances)));
    }
  }

  private static boolean same(Interval a, Interval b) {
    return Arrays.equals(a.dimensionsAsLongArray(), b.dimensionsAsLongArray());
  }

  private static String size(Interval map) {
    return Arrays.toString(map.dimensionsAsLongArray());
  }

  /**
   * The three channels of an image: foreground, centre distances, boundary distances. This is how
   * the decoder's training targets are ordered, so that {@code PerObjectDistances} of a label image
   * without the channel of instances gives ideal maps.
   *
   * @param maps (x, y, 3)
   * @return a view of it
   * @throws SegmentationException for an image of another number of axes or channels
   */
  public static DistanceMaps of(RandomAccessibleInterval<FloatType> maps) {
    if (maps.numDimensions() != 3 || maps.dimension(2) != 3) {
      throw new SegmentationException(
          "Maps of size " + size(maps) + "; expected (x, y, 3) with foreground and distances.");
    }
    long first = maps.min(2);
    return new DistanceMaps(
        Views.hyperSlice(maps, 2, first),
        Views.hyperSlice(maps, 2, first + 1),
        Views.hyperSlice(maps, 2, first + 2));
  }

  /**
   * The part of the maps where a mask is not 0; elsewhere is background.
   *
   * @param mask (x, y), of the size of the maps
   * @return new maps
   * @throws SegmentationException for a mask of another size
   */
  public DistanceMaps within(RandomAccessibleInterval<? extends RealType<?>> mask) {
    if (!same(foreground, mask)) {
      throw new SegmentationException(
          "A mask of size %s for an image of %s; expected the same."
              .formatted(size(mask), size(foreground)));
    }
    float[] values = FloatPlane.values(foreground).clone();
    var cursor = Views.flatIterable(mask).cursor();
    for (int i = 0; i < values.length; i++) {
      if (cursor.next().getRealDouble() == 0) {
        values[i] = 0;
      }
    }
    return new DistanceMaps(
        ArrayImgs.floats(values, foreground.dimensionsAsLongArray()),
        centerDistances,
        boundaryDistances);
  }

  /**
   * Writes the maps into a file of this library's own format, for {@link #read}.
   *
   * @param file is replaced if it exists
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    write(file, StateKey.NONE);
  }

  void write(Path file, StateKey key) {
    StateFile.write(
        file,
        StateFile.MAPS,
        key,
        out -> {
          out.writeInt((int) foreground.dimension(0));
          out.writeInt((int) foreground.dimension(1));
          for (var map : Arrays.asList(foreground, centerDistances, boundaryDistances)) {
            StateFile.writeFloats(out, FloatPlane.values(map));
          }
        });
  }

  /**
   * Reads maps that {@link #write} wrote.
   *
   * @param file the file
   * @return the same maps
   * @throws ImageException if it cannot be read or is no such file
   */
  public static DistanceMaps read(Path file) {
    return StateFile.read(
        file,
        StateFile.MAPS,
        in -> {
          int width = in.readInt();
          int height = in.readInt();
          int size = Math.multiplyExact(width, height);
          return new DistanceMaps(
              ArrayImgs.floats(StateFile.readFloats(in, size), width, height),
              ArrayImgs.floats(StateFile.readFloats(in, size), width, height),
              ArrayImgs.floats(StateFile.readFloats(in, size), width, height));
        });
  }
}
