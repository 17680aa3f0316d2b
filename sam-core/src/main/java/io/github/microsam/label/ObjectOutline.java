package io.github.microsam.label;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.imglib2.Interval;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.parallel.Parallelization;
import net.imglib2.type.numeric.IntegerType;

/**
 * The outline of an object along the edges of its pixels: the pixel at (x, y) is the square from
 * (x, y) to (x + 1, y + 1), so filling the outline gives exactly the object.
 *
 * <p>Pixels that touch at a corner only belong to different polygons. No ring passes a point twice,
 * and a hole touches its shell or another hole at corners at most: the polygons are valid in the
 * sense of OGC Simple Features, which QuPath's JTS and PostGIS ask for. Immutable.
 *
 * @param polygons one for each part of the object that is connected by edges
 */
public record ObjectOutline(List<Polygon> polygons) {

  /**
   * A connected part of an object.
   *
   * @param shell its outer border, clockwise on the screen
   * @param holes what is cut out, counterclockwise on the screen
   */
  public record Polygon(Ring shell, List<Ring> holes) {}

  /**
   * A closed line of alternately horizontal and vertical pieces; the last corner is joined to the
   * first. Immutable.
   */
  public static final class Ring {
    private final int[] x;
    private final int[] y;

    Ring(int[] x, int[] y) {
      this.x = x;
      this.y = y;
    }

    /**
     * Number of corners.
     *
     * @return at least 4, even
     */
    public int size() {
      return x.length;
    }

    /**
     * Where a corner is.
     *
     * @param corner its number, from 0
     * @return x in coordinates of the image
     */
    public int x(int corner) {
      return x[corner];
    }

    /**
     * Where a corner is.
     *
     * @param corner its number, from 0
     * @return y in coordinates of the image
     */
    public int y(int corner) {
      return y[corner];
    }

    /**
     * Area inside the ring.
     *
     * @return in pixels; negative for a hole
     */
    public double area() {
      long twice = 0;
      for (int i = 0, j = x.length - 1; i < x.length; j = i++) {
        twice += (long) x[j] * y[i] - (long) x[i] * y[j];
      }
      return twice / 2.0;
    }

    /**
     * Length of the ring as ImageJ measures traced outlines: that of the pixels' edges, less 2 − √2
     * for each corner, so that a diagonal of steps counts as the straight line it stands for. Of
     * two corners one pixel apart only the first counts.
     *
     * @return in pixels
     */
    public double perimeter() {
      int n = x.length;
      long edges = 0;
      int corners = 0;
      boolean counted = false;
      int before = side(n - 1);
      for (int i = 0; i < n; i++) {
        edges += before;
        counted = before > 1 || !counted;
        corners += counted ? 1 : 0;
        before = side(i);
      }
      return edges - corners * (2 - Math.sqrt(2));
    }

    /** From a corner to the next. */
    private int side(int corner) {
      int next = (corner + 1) % x.length;
      return Math.abs(x[next] - x[corner]) + Math.abs(y[next] - y[corner]);
    }

    /** Whether the ring goes around the pixel at (px, py). */
    boolean surrounds(int px, int py) {
      boolean inside = false;
      for (int i = 0, j = x.length - 1; i < x.length; j = i++) {
        boolean crosses = (y[i] <= py) != (y[j] <= py);
        inside ^= crosses && x[i] <= px;
      }
      return inside;
    }

    @Override
    public String toString() {
      return "ring %s %s".formatted(Arrays.toString(x), Arrays.toString(y));
    }
  }

  /**
   * The outline of an object.
   *
   * @param labels (x, y)
   * @param region one of its {@link LabelRegions}
   * @return the outline, in coordinates of the image
   */
  public static ObjectOutline of(
      RandomAccessibleInterval<? extends IntegerType<?>> labels, LabelRegion region) {
    if (labels.numDimensions() != 2) {
      throw new IllegalArgumentException(
          labels.numDimensions() + " axes; outlines are for (x, y): take the slices of a stack");
    }
    Interval box = region.box();
    int width = Math.toIntExact(box.dimension(0));
    int height = Math.toIntExact(box.dimension(1));
    OutlineTracer tracer =
        new OutlineTracer(width, height, Math.toIntExact(box.min(0)), Math.toIntExact(box.min(1)));
    RandomAccess<? extends IntegerType<?>> access = labels.randomAccess();
    for (int y = 0; y < height; y++) {
      access.setPosition(box.min(1) + y, 1);
      for (int x = 0; x < width; x++) {
        access.setPosition(box.min(0) + x, 0);
        if (access.get().getIntegerLong() == region.id()) {
          tracer.add(x, y);
        }
      }
    }
    return tracer.trace();
  }

  /**
   * The outlines of many objects, in parallel.
   *
   * @param labels (x, y)
   * @param regions of these labels
   * @return the outlines in the regions' order
   */
  public static List<ObjectOutline> of(
      RandomAccessibleInterval<? extends IntegerType<?>> labels, List<LabelRegion> regions) {
    ObjectOutline[] outlines = new ObjectOutline[regions.size()];
    Parallelization.getTaskExecutor()
        .forEach(
            IntStream.range(0, outlines.length).boxed().toList(),
            i -> outlines[i] = of(labels, regions.get(i)));
    return List.of(outlines);
  }

  /**
   * Length of the outer borders.
   *
   * @return sum of the shells' {@link Ring#perimeter()}
   */
  public double perimeter() {
    return polygons.stream().mapToDouble(polygon -> polygon.shell().perimeter()).sum();
  }
}
