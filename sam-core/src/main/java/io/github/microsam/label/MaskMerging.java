package io.github.microsam.label;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.imglib2.Interval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.integer.UnsignedIntType;

/**
 * Paints masks into a label image: micro-sam's {@code mask_data_to_segmentation}.
 *
 * <p>Masks are painted from large to small, of equals the earlier first; then objects in pieces are
 * separated, small ones removed and the rest numbered 1, 2, 3… in the order of their ids: raster
 * order where they were separated, order of painting otherwise. (The reference separates in blocks
 * of 512², so its numbers differ in larger images.)
 */
public final class MaskMerging {
  private MaskMerging() {}

  /**
   * Makes a label image.
   *
   * @param masks the masks; frames may be anywhere, what lies outside the image is cut off
   * @param image interval of the label image, two axes
   * @param options sizes and order
   * @return label image over that interval
   * @throws IllegalArgumentException for an interval that has not two axes
   */
  public static RandomAccessibleInterval<UnsignedIntType> toLabels(
      List<RunLengths> masks, Interval image, MaskMergingOptions options) {
    if (image.numDimensions() != 2) {
      throw new IllegalArgumentException(
          "an image of " + image.numDimensions() + " axes; masks are merged in 2");
    }
    Grid grid = Grid.of(image);
    int[] ids = new int[grid.size()];
    List<RunLengths> order =
        masks.stream()
            .filter(mask -> mask.area() >= options.minSize() && mask.area() <= options.maxSize())
            .sorted(Comparator.comparingLong(RunLengths::area).reversed())
            .toList();
    ColumnRuns[] runs = order.stream().map(ColumnRuns::new).toArray(ColumnRuns[]::new);
    IntStream.range(0, runs.length)
        .forEach(i -> runs[i].paint(i + 1, options.exclusively(), ids, image));
    int[] objects =
        options.separate() ? ConnectedComponents.label(ids, grid, Connectivity.FACES) : ids;
    return Pixels.labels(
        SequentialLabels.keep(objects, options.minSize(), options.dropLargest()), image);
  }
}
