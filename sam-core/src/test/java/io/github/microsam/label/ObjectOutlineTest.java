package io.github.microsam.label;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.gui.PolygonRoi;
import ij.gui.Roi;
import java.awt.geom.Path2D;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.imglib2.Cursor;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;

class ObjectOutlineTest {

  @Test
  void aPixelIsASquareOfFourCorners() {
    ObjectOutline outline = only("..\n.#");
    assertEquals(1, outline.polygons().size());
    ObjectOutline.Ring shell = outline.polygons().get(0).shell();
    assertEquals("ring [1, 2, 2, 1] [1, 1, 2, 2]", shell.toString());
    assertEquals(1, shell.area());
    assertEquals(List.of(), outline.polygons().get(0).holes());
  }

  @Test
  void pixelsThatTouchAtACornerAreTwoPolygons() {
    assertEquals(2, only("#.\n.#").polygons().size());
    assertEquals(2, only(".#\n#.").polygons().size());
  }

  @Test
  void aHoleThatReachesTheOutsideAtACornerIsAHole() {
    ObjectOutline outline =
        only(
            """
            ####
            #..#
            #.#.
            ####
            """);
    assertEquals(1, outline.polygons().size());
    List<ObjectOutline.Ring> holes = outline.polygons().get(0).holes();
    assertEquals(1, holes.size(), holes.toString());
    assertEquals(-3, holes.get(0).area());
  }

  @Test
  void anIslandInAHoleKeepsItsOwnHole() {
    ObjectOutline outline =
        only(
            """
            #######
            #.....#
            #.###.#
            #.#.#.#
            #.###.#
            #.....#
            #######
            """);
    assertEquals(2, outline.polygons().size());
    ObjectOutline.Polygon outer = outline.polygons().get(0);
    ObjectOutline.Polygon island = outline.polygons().get(1);
    assertEquals(List.of(-25.0), outer.holes().stream().map(ObjectOutline.Ring::area).toList());
    assertEquals(List.of(-1.0), island.holes().stream().map(ObjectOutline.Ring::area).toList());
  }

  @Test
  void filledOutlinesAreTheObjectsAndRingsPassNoPointTwice() {
    Random random = new Random(7);
    for (int trial = 0; trial < 60; trial++) {
      int w = 1 + random.nextInt(25);
      int h = 1 + random.nextInt(25);
      RandomAccessibleInterval<UnsignedIntType> labels =
          Views.translate(ArrayImgs.unsignedInts(w, h), -3, 5);
      int ids = 1 + random.nextInt(4);
      labels.forEach(label -> label.set(random.nextInt(ids + 1)));
      List<LabelRegion> regions = LabelRegions.of(labels);
      List<ObjectOutline> outlines = ObjectOutline.of(labels, regions);
      for (int i = 0; i < regions.size(); i++) {
        assertFills(labels, regions.get(i).id(), outlines.get(i));
        outlines.get(i).polygons().forEach(ObjectOutlineTest::assertValid);
      }
    }
  }

  @Test
  void perimetersAreImageJs() {
    Random random = new Random(3);
    for (int trial = 0; trial < 40; trial++) {
      RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(12, 12);
      labels.forEach(label -> label.set(random.nextInt(3) == 0 ? 0 : 1));
      for (ObjectOutline.Polygon polygon :
          ObjectOutline.of(labels, LabelRegions.of(labels).get(0)).polygons()) {
        ObjectOutline.Ring ring = polygon.shell();
        int[] x = new int[ring.size()];
        int[] y = new int[ring.size()];
        for (int i = 0; i < x.length; i++) {
          x[i] = ring.x(i);
          y[i] = ring.y(i);
        }
        double expected = new PolygonRoi(x, y, x.length, Roi.TRACED_ROI).getLength();
        assertEquals(expected, ring.perimeter(), 1e-9, ring::toString);
      }
    }
  }

  @Test
  void stacksAreRefused() {
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(2, 2, 2);
    labels.forEach(label -> label.set(1));
    LabelRegion region = LabelRegions.of(labels).get(0);
    assertThrows(IllegalArgumentException.class, () -> ObjectOutline.of(labels, region));
  }

  private static ObjectOutline only(String rows) {
    String[] lines = rows.strip().lines().toArray(String[]::new);
    RandomAccessibleInterval<UnsignedIntType> labels =
        ArrayImgs.unsignedInts(lines[0].length(), lines.length);
    for (int y = 0; y < lines.length; y++) {
      for (int x = 0; x < lines[y].length(); x++) {
        labels.getAt(x, y).set(lines[y].charAt(x) == '#' ? 9 : 0);
      }
    }
    return ObjectOutline.of(labels, LabelRegions.of(labels).get(0));
  }

  private static void assertFills(
      RandomAccessibleInterval<UnsignedIntType> labels, long id, ObjectOutline outline) {
    Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
    for (ObjectOutline.Polygon polygon : outline.polygons()) {
      append(path, polygon.shell());
      polygon.holes().forEach(hole -> append(path, hole));
    }
    Cursor<UnsignedIntType> label = labels.localizingCursor();
    while (label.hasNext()) {
      label.fwd();
      int x = label.getIntPosition(0);
      int y = label.getIntPosition(1);
      assertEquals(label.get().get() == id, path.contains(x + 0.5, y + 0.5), "at " + x + ", " + y);
    }
  }

  private static void append(Path2D path, ObjectOutline.Ring ring) {
    path.moveTo(ring.x(0), ring.y(0));
    for (int i = 1; i < ring.size(); i++) {
      path.lineTo(ring.x(i), ring.y(i));
    }
    path.closePath();
  }

  /** Shell around holes, corners only where the direction changes, no point of the ring twice. */
  private static void assertValid(ObjectOutline.Polygon polygon) {
    assertTrue(polygon.shell().area() > 0);
    assertSimple(polygon.shell());
    for (ObjectOutline.Ring hole : polygon.holes()) {
      assertTrue(hole.area() < 0);
      assertSimple(hole);
      Set<Long> shared = points(hole);
      shared.retainAll(points(polygon.shell()));
      assertTrue(shared.size() <= 1, "a hole touches its shell at one corner at most: " + shared);
    }
  }

  private static void assertSimple(ObjectOutline.Ring ring) {
    assertTrue(ring.size() >= 4 && ring.size() % 2 == 0, ring::toString);
    long length = 0;
    for (int i = 0; i < ring.size(); i++) {
      int next = (i + 1) % ring.size();
      boolean horizontal = ring.y(i) == ring.y(next);
      assertTrue(horizontal != (ring.x(i) == ring.x(next)), ring::toString);
      int after = (next + 1) % ring.size();
      assertTrue(horizontal != (ring.y(next) == ring.y(after)), ring::toString);
      length += Math.abs(ring.x(i) - ring.x(next)) + Math.abs(ring.y(i) - ring.y(next));
    }
    assertEquals(length, points(ring).size(), ring::toString);
  }

  private static Set<Long> points(ObjectOutline.Ring ring) {
    Set<Long> points = new HashSet<>();
    for (int i = 0; i < ring.size(); i++) {
      int next = (i + 1) % ring.size();
      int x = ring.x(i);
      int y = ring.y(i);
      while (x != ring.x(next) || y != ring.y(next)) {
        points.add(((long) x << 32) + y);
        x += Integer.signum(ring.x(next) - x);
        y += Integer.signum(ring.y(next) - y);
      }
    }
    return points;
  }
}
