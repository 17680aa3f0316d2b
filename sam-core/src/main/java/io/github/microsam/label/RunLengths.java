package io.github.microsam.label;

import java.util.Arrays;
import java.util.Optional;
import net.imglib2.FinalInterval;
import net.imglib2.Interval;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.BooleanType;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.RealType;

/**
 * A mask in 2D as run lengths: lengths of alternating runs of background and mask, background first
 * (its first run may be 0), down the columns. These are the {@code counts} of segment-anything's
 * uncompressed and COCO's compressed encoding, whose {@code size} is [height, width].
 *
 * <p>A mask has a frame, the interval of the image that it was made from. A mask of a tile whose
 * interval has the tile's place in the image keeps that place, so masks of different tiles can be
 * compared and painted as they are. Immutable.
 */
public final class RunLengths {
  private final FinalInterval frame;
  private final int[] counts;
  private final long area;

  private RunLengths(Interval frame, int[] counts) {
    this.frame = new FinalInterval(frame);
    this.counts = counts;
    long mask = 0;
    long all = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] < 0) {
        throw new IllegalArgumentException("run " + i + " has length " + counts[i]);
      }
      mask += i % 2 == 0 ? 0 : counts[i];
      all += counts[i];
    }
    long pixels = frame.dimension(0) * frame.dimension(1);
    if (all != pixels) {
      throw new IllegalArgumentException(
          "runs of %d pixels for a mask of %d × %d"
              .formatted(all, frame.dimension(0), frame.dimension(1)));
    }
    area = mask;
  }

  /**
   * Encodes a mask.
   *
   * @param mask image of two axes
   * @return its runs, with the mask's interval as frame
   * @throws IllegalArgumentException for another number of axes
   */
  public static RunLengths of(RandomAccessibleInterval<? extends BooleanType<?>> mask) {
    require2d(mask);
    return new RunLengths(mask, RunLengthEncoder.encode(Pixels.mask(mask), Grid.of(mask)));
  }

  /**
   * Encodes the pixels of an image that are above a threshold.
   *
   * @param logits image of two axes, for instance mask logits
   * @param threshold a pixel belongs to the mask where it is greater; NaN does not
   * @return the runs, with the image's interval as frame
   * @throws IllegalArgumentException for another number of axes
   */
  public static RunLengths above(
      RandomAccessibleInterval<? extends RealType<?>> logits, double threshold) {
    require2d(logits);
    float[] values = Pixels.values(logits);
    boolean[] mask = new boolean[values.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = values[i] > threshold;
    }
    return new RunLengths(logits, RunLengthEncoder.encode(mask, Grid.of(logits)));
  }

  /**
   * Encodes a mask that is an array.
   *
   * @param frame where the mask lies, two axes
   * @param pixels one a pixel of the frame, row by row; read only
   * @return the runs
   * @throws IllegalArgumentException where the pixels do not fill the frame
   */
  public static RunLengths ofPixels(Interval frame, boolean[] pixels) {
    require2d(frame);
    Grid grid = Grid.of(frame);
    if (pixels.length != grid.size()) {
      throw new IllegalArgumentException(
          pixels.length + " pixels for a mask of %d × %d".formatted(grid.width(), grid.height()));
    }
    return new RunLengths(frame, RunLengthEncoder.encode(pixels, grid));
  }

  /**
   * A mask from its runs.
   *
   * @param frame where the mask lies, two axes
   * @param counts lengths of runs down the columns, background first
   * @return the mask
   * @throws IllegalArgumentException where the runs do not fill the frame
   */
  public static RunLengths of(Interval frame, int... counts) {
    require2d(frame);
    return new RunLengths(frame, counts.clone());
  }

  /**
   * A mask from COCO's compressed string, as pycocotools writes it.
   *
   * @param frame where the mask lies, two axes
   * @param text the compressed {@code counts}
   * @return the mask
   * @throws IllegalArgumentException for a string that is no such encoding or does not fill the
   *     frame
   */
  public static RunLengths ofCoco(Interval frame, String text) {
    require2d(frame);
    return new RunLengths(frame, CocoCounts.decode(text));
  }

  private static void require2d(Interval interval) {
    if (interval.numDimensions() != 2) {
      throw new IllegalArgumentException(
          "a mask of " + interval.numDimensions() + " axes; run lengths are for 2: encode slices");
    }
  }

  /**
   * The interval of the image that the mask was made from.
   *
   * @return two axes
   */
  public Interval frame() {
    return frame;
  }

  /**
   * The lengths of the runs down the columns, background first.
   *
   * @return a copy
   */
  public int[] counts() {
    return counts.clone();
  }

  /**
   * Number of pixels of the mask.
   *
   * @return 0 for an empty mask
   */
  public long area() {
    return area;
  }

  /**
   * The smallest interval that holds the mask, in the coordinates of the frame. Minimum and maximum
   * are SAM's box [x0, y0, x1, y1], last pixel included; the dimensions are the true width and
   * height, where micro-sam's records have one less.
   *
   * @return empty for an empty mask
   */
  public Optional<Interval> box() {
    return new ColumnRuns(this).box();
  }

  /**
   * The same mask in another frame; pixels outside of it are cut off.
   *
   * @param other an interval of two axes, at most 2<sup>31</sup> − 9 pixels
   * @return a mask with that frame
   */
  public RunLengths within(Interval other) {
    require2d(other);
    return frame.equals(new FinalInterval(other))
        ? this
        : new RunLengths(other, new ColumnRuns(this).counts(other));
  }

  /**
   * COCO's compressed encoding of the counts, as pycocotools writes it.
   *
   * @return printable ASCII
   */
  public String toCoco() {
    return CocoCounts.encode(counts);
  }

  /**
   * The mask as an image.
   *
   * @return a new image over the frame
   */
  public RandomAccessibleInterval<NativeBoolType> toMask() {
    int width = (int) frame.dimension(0);
    int height = (int) frame.dimension(1);
    boolean[] mask = new boolean[width * height];
    int at = 0;
    for (int i = 0; i < counts.length; i++) {
      int end = at + counts[i];
      for (; at < end; at++) {
        mask[at % height * width + at / height] = i % 2 == 1;
      }
    }
    return Pixels.mask(mask, frame);
  }

  /** The counts themselves, for readers in this package. */
  int[] runs() {
    return counts;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RunLengths that
        && frame.equals(that.frame)
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return 31 * frame.hashCode() + Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return "mask of %d pixels in %s".formatted(area, frame);
  }
}
