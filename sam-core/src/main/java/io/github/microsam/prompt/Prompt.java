package io.github.microsam.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.BooleanType;

/**
 * What tells the model which object to segment: points inside and outside of it, a box around it, a
 * rough mask of it, or several of these.
 *
 * <pre>{@code
 * Prompt.point(120, 80);
 * Prompt.box(100, 60, 150, 110).and(Prompt.negative(145, 64));
 * }</pre>
 *
 * <p>Coordinates are (x, y) in pixels of the image, where Python users may expect (y, x); fractions
 * are welcome. A prompt is one object's; many objects are a list of prompts. Immutable, may be
 * shared by threads.
 */
public final class Prompt {
  private final List<Point> points;
  private final Optional<Box> box;
  private final Optional<MaskLogits> mask;

  private Prompt(List<Point> points, Optional<Box> box, Optional<MaskLogits> mask) {
    this.points = List.copyOf(points);
    this.box = box;
    this.mask = mask;
  }

  /**
   * A point and which side of the object's boundary it is on.
   *
   * @param x in pixels of the image
   * @param y in pixels of the image
   * @param positive whether it lies inside the object
   */
  public record Point(double x, double y, boolean positive) {
    /**
     * Checks the coordinates.
     *
     * @param x a finite number
     * @param y a finite number
     * @param positive whether it lies inside the object
     * @throws PromptException if a coordinate is not finite
     */
    public Point {
      requireFinite("point", x, y);
    }
  }

  /**
   * A box around the object.
   *
   * @param x0 left
   * @param y0 top
   * @param x1 right, greater than x0
   * @param y1 bottom, greater than y0
   */
  public record Box(double x0, double y0, double x1, double y1) {
    /**
     * Checks the corners.
     *
     * @param x0 left
     * @param y0 top
     * @param x1 right, greater than x0
     * @param y1 bottom, greater than y0
     * @throws PromptException if the corners are reversed or the box has no area
     */
    public Box {
      requireFinite("corner of a box", x0, y0);
      requireFinite("corner of a box", x1, y1);
      if (!(x0 < x1 && y0 < y1)) {
        throw new PromptException(
            "A box from (%s, %s) to (%s, %s); its first corner must be left of and above the second: (x0, y0, x1, y1)."
                .formatted(x0, y0, x1, y1));
      }
    }
  }

  /**
   * A point inside the object.
   *
   * @param x in pixels of the image
   * @param y in pixels of the image
   * @return the prompt
   * @throws PromptException if a coordinate is not finite
   */
  public static Prompt point(double x, double y) {
    return points(List.of(new Point(x, y, true)));
  }

  /**
   * A point outside the object, to be combined with something that tells where the object is.
   *
   * @param x in pixels of the image
   * @param y in pixels of the image
   * @return the prompt
   * @throws PromptException if a coordinate is not finite
   */
  public static Prompt negative(double x, double y) {
    return points(List.of(new Point(x, y, false)));
  }

  /**
   * Several points of one object.
   *
   * @param points at least one
   * @return the prompt
   * @throws PromptException if there is none
   */
  public static Prompt points(List<Point> points) {
    if (points.isEmpty()) {
      throw new PromptException("A prompt without a point; give at least one.");
    }
    return new Prompt(points, Optional.empty(), Optional.empty());
  }

  /**
   * Several points of one object.
   *
   * @param xy at least one pair of coordinates, x before y
   * @param labels 1 for each point inside the object, 0 outside
   * @return the prompt
   * @throws PromptException if the numbers of points and labels differ, there is no point, a point
   *     is not a pair or a label is another number
   */
  public static Prompt points(double[][] xy, int[] labels) {
    if (xy.length != labels.length) {
      throw new PromptException(
          "%d points with %d labels; each point needs one.".formatted(xy.length, labels.length));
    }
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < xy.length; i++) {
      if (xy[i].length != 2) {
        throw new PromptException(
            "Point %d has %d coordinates; expected x and y.".formatted(i, xy[i].length));
      }
      if (labels[i] != 0 && labels[i] != 1) {
        throw new PromptException(
            "Point %d has label %d; 1 is inside the object, 0 is outside.".formatted(i, labels[i]));
      }
      points.add(new Point(xy[i][0], xy[i][1], labels[i] == 1));
    }
    return points(points);
  }

  /**
   * A box around the object.
   *
   * @param x0 left, in pixels of the image
   * @param y0 top
   * @param x1 right, greater than x0; the reference's boxes are half open, so that a box around the
   *     whole image ends at its width
   * @param y1 bottom, greater than y0
   * @return the prompt
   * @throws PromptException if the corners are reversed or the box has no area
   */
  public static Prompt box(double x0, double y0, double x1, double y1) {
    return new Prompt(List.of(), Optional.of(new Box(x0, y0, x1, y1)), Optional.empty());
  }

  /**
   * A rough mask, usually what an earlier prediction gave ({@link Prediction#lowResLogits()}).
   *
   * @param mask logits at the decoder's resolution
   * @return the prompt
   */
  public static Prompt mask(MaskLogits mask) {
    return new Prompt(List.of(), Optional.empty(), Optional.of(mask));
  }

  /**
   * What is derived from a mask of the object at the size of the image.
   *
   * @param mask two axes (x, y), as large as the image
   * @param options what to derive
   * @return the prompt
   * @throws PromptException if the mask is empty, or has another number of axes
   */
  public static Prompt fromMask(
      RandomAccessibleInterval<? extends BooleanType<?>> mask, MaskPromptOptions options) {
    return MaskDerivation.derive(MaskPixels.of(mask), options);
  }

  /**
   * Both prompts for the same object.
   *
   * @param other points, or a box or mask where this has none
   * @return the combination; this prompt's points come first
   * @throws PromptException if both have a box, or both a mask
   */
  public Prompt and(Prompt other) {
    List<Point> both = new ArrayList<>(points);
    both.addAll(other.points);
    return new Prompt(both, either("boxes", box, other.box), either("masks", mask, other.mask));
  }

  private static <T> Optional<T> either(String what, Optional<T> first, Optional<T> second) {
    if (first.isPresent() && second.isPresent()) {
      throw new PromptException(
          "Two " + what + " in one prompt; a prompt is for one object. Pass a list of prompts.");
    }
    return first.or(() -> second);
  }

  private static void requireFinite(String what, double x, double y) {
    if (!Double.isFinite(x) || !Double.isFinite(y)) {
      throw new PromptException("A " + what + " at (" + x + ", " + y + ") is nowhere.");
    }
  }

  /**
   * The points.
   *
   * @return in the order they were given, may be empty
   */
  public List<Point> points() {
    return points;
  }

  /**
   * The box.
   *
   * @return empty if there is none
   */
  public Optional<Box> box() {
    return box;
  }

  /**
   * The mask.
   *
   * @return empty if there is none
   */
  public Optional<MaskLogits> mask() {
    return mask;
  }

  /** Whether this may mean several objects: one positive point and nothing else. */
  boolean isAmbiguous() {
    return points.size() == 1 && points.get(0).positive() && box.isEmpty() && mask.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Prompt prompt
        && points.equals(prompt.points)
        && box.equals(prompt.box)
        && mask.equals(prompt.mask);
  }

  @Override
  public int hashCode() {
    return points.hashCode() * 961 + box.hashCode() * 31 + mask.hashCode();
  }

  @Override
  public String toString() {
    return "Prompt[points=" + points + ", box=" + box + ", mask=" + mask + "]";
  }
}
