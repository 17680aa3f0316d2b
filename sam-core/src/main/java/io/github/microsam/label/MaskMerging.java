package io.github.microsam.label;

import java.util.Arrays;
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
   * A label image, and which mask each object is from.
   *
   * @param labels label image
   * @param masks index of the mask of each object: of id 1 first, then of id 2…
   */
  public record Merged(RandomAccessibleInterval<UnsignedIntType> labels, List<Integer> masks) {}

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
    return merge(masks, image, options).labels();
  }

  /**
   * Makes a label image and tells which mask each object is from.
   *
   * @param masks the masks; frames may be anywhere, what lies outside the image is cut off
   * @param image interval of the label image, two axes
   * @param options sizes and order
   * @return label image over that interval, and the masks of its objects
   * @throws IllegalArgumentException for an interval that has not two axes
   */
  public static Merged merge(List<RunLengths> masks, Interval image, MaskMergingOptions options) {
    if (image.numDimensions() != 2) {
      throw new IllegalArgumentException(
          "an image of " + image.numDimensions() + " axes; masks are merged in 2");
    }
    Grid grid = Grid.of(image);
    int[] painted = new int[grid.size()];
    int[] order =
        IntStream.range(0, masks.size())
            .filter(i -> masks.get(i).area() >= options.minSize())
            .filter(i -> masks.get(i).area() <= options.maxSize())
            .boxed()
            .sorted(Comparator.comparingLong(i -> -masks.get(i).area()))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i = 0; i < order.length; i++) {
      new ColumnRuns(masks.get(order[i])).paint(i + 1, options.exclusively(), painted, image);
    }
    int[] objects =
        options.separate() ? ConnectedComponents.label(painted, grid, Connectivity.FACES) : painted;
    int[] ids = SequentialLabels.keep(objects, options.minSize(), options.dropLargest());
    return new Merged(Pixels.labels(ids, image), origins(ids, painted, order));
  }

  private static List<Integer> origins(int[] ids, int[] painted, int[] order) {
    int[] masks = new int[Arrays.stream(ids).max().orElse(0)];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] != 0) {
        masks[ids[i] - 1] = order[painted[i] - 1];
      }
    }
    return IntStream.of(masks).boxed().toList();
  }
}
