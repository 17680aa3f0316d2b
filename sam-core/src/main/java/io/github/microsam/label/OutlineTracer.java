package io.github.microsam.label;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Walks along the borders of one object with its pixels to the right. Where two of its pixels touch
 * at a corner only, the walk stays with the pixel it is at; where it comes to a corner for the
 * second time the loop between is a ring of its own.
 */
final class OutlineTracer {
  private static final int RIGHT = 0;
  private static final int[] STEP_X = {1, 0, -1, 0};
  private static final int[] STEP_Y = {0, 1, 0, -1};

  private final int width;
  private final int height;
  private final int originX;
  private final int originY;

  /** The object within its box. */
  private final boolean[] inside;

  /** Pixels whose upper edge was walked along. */
  private final boolean[] walked;

  /** Where in the walk a corner is, or -1. */
  private final int[] passed;

  private final List<ObjectOutline.Ring> shells = new ArrayList<>();
  private final List<Hole> holes = new ArrayList<>();

  /** The corners of the walk. */
  private int[] walkX = new int[64];

  private int[] walkY = new int[64];
  private int length;

  /** A hole and a pixel of the object beside it. */
  private record Hole(ObjectOutline.Ring ring, int pixelX, int pixelY) {}

  OutlineTracer(int width, int height, int originX, int originY) {
    this.width = width;
    this.height = height;
    this.originX = originX;
    this.originY = originY;
    inside = new boolean[Math.multiplyExact(width, height)];
    walked = new boolean[inside.length];
    passed = new int[Math.multiplyExact(width + 1, height + 1)];
    Arrays.fill(passed, -1);
  }

  /** Adds a pixel of the object, in coordinates of the box. */
  void add(int x, int y) {
    inside[y * width + x] = true;
  }

  ObjectOutline trace() {
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (isInside(x, y) && !isInside(x, y - 1) && !walked[y * width + x]) {
          walk(x, y);
        }
      }
    }
    return new ObjectOutline(polygons());
  }

  private boolean isInside(int x, int y) {
    return x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x];
  }

  private void walk(int startX, int startY) {
    int x = startX;
    int y = startY;
    int direction = RIGHT;
    do {
      pass(x, y);
      if (direction == RIGHT) {
        walked[y * width + x] = true;
      }
      x += STEP_X[direction];
      y += STEP_Y[direction];
      direction = turn(x, y, direction);
    } while (x != startX || y != startY || direction != RIGHT);
    closeRing(0);
  }

  /** Where to go on from a corner: along the pixel that the walk is at. */
  private int turn(int x, int y, int direction) {
    boolean aheadRight =
        switch (direction) {
          case 0 -> isInside(x, y);
          case 1 -> isInside(x - 1, y);
          case 2 -> isInside(x - 1, y - 1);
          default -> isInside(x, y - 1);
        };
    if (!aheadRight) {
      return (direction + 1) % 4;
    }
    boolean aheadLeft =
        switch (direction) {
          case 0 -> isInside(x, y - 1);
          case 1 -> isInside(x, y);
          case 2 -> isInside(x - 1, y);
          default -> isInside(x - 1, y - 1);
        };
    return aheadLeft ? (direction + 3) % 4 : direction;
  }

  private void pass(int x, int y) {
    int corner = y * (width + 1) + x;
    if (passed[corner] >= 0) {
      closeRing(passed[corner]);
    }
    if (length == walkX.length) {
      walkX = Arrays.copyOf(walkX, 2 * length);
      walkY = Arrays.copyOf(walkY, 2 * length);
    }
    passed[corner] = length;
    walkX[length] = x;
    walkY[length++] = y;
  }

  /** Cuts the end of the walk off and makes a ring of it. */
  private void closeRing(int from) {
    int pixelX = -1;
    int pixelY = -1;
    int[] x = new int[length - from];
    int[] y = new int[length - from];
    int corners = 0;
    for (int i = from; i < length; i++) {
      int next = i + 1 < length ? i + 1 : from;
      int before = i > from ? i - 1 : length - 1;
      passed[walkY[i] * (width + 1) + walkX[i]] = -1;
      if (walkX[next] > walkX[i]) {
        pixelX = walkX[i];
        pixelY = walkY[i];
      }
      if ((walkX[next] == walkX[i]) != (walkX[before] == walkX[i])) {
        x[corners] = originX + walkX[i];
        y[corners++] = originY + walkY[i];
      }
    }
    length = from;
    ObjectOutline.Ring ring =
        new ObjectOutline.Ring(Arrays.copyOf(x, corners), Arrays.copyOf(y, corners));
    if (ring.area() > 0) {
      shells.add(ring);
    } else {
      holes.add(new Hole(ring, originX + pixelX, originY + pixelY));
    }
  }

  /** Each hole goes to the smallest shell around the pixel beside it. */
  private List<ObjectOutline.Polygon> polygons() {
    List<List<ObjectOutline.Ring>> cut = new ArrayList<>();
    shells.forEach(shell -> cut.add(new ArrayList<>()));
    for (Hole hole : holes) {
      int around = -1;
      for (int i = 0; i < shells.size(); i++) {
        ObjectOutline.Ring shell = shells.get(i);
        if (shell.surrounds(hole.pixelX, hole.pixelY)
            && (around < 0 || shell.area() < shells.get(around).area())) {
          around = i;
        }
      }
      cut.get(around).add(hole.ring);
    }
    List<ObjectOutline.Polygon> polygons = new ArrayList<>();
    for (int i = 0; i < shells.size(); i++) {
      polygons.add(new ObjectOutline.Polygon(shells.get(i), List.copyOf(cut.get(i))));
    }
    return List.copyOf(polygons);
  }
}
