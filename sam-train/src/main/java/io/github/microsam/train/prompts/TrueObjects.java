package io.github.microsam.train.prompts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The objects of a label image for which prompts are simulated. Found in one pass. Immutable as
 * long as nobody writes to the labels, which are not copied; may then be shared by threads.
 */
public final class TrueObjects {
  private final int width;
  private final int height;
  private final List<TrueObject> objects;

  /**
   * Finds the objects.
   *
   * @param labels shape [height, width]: ids, 0 for background
   * @param width in pixels
   * @param height in pixels
   * @throws IllegalArgumentException if the number of labels does not fit the sizes
   */
  public TrueObjects(int[] labels, int width, int height) {
    if (width < 1 || height < 1 || labels.length != (long) width * height) {
      throw new IllegalArgumentException(
          "%d labels for %d x %d pixels".formatted(labels.length, width, height));
    }
    this.width = width;
    this.height = height;
    TreeMap<Integer, Extent> extents = new TreeMap<>();
    Extent last = null;
    int lastId = 0;
    for (int i = 0; i < labels.length; i++) {
      int id = labels[i];
      if (id == 0) {
        continue;
      }
      if (id != lastId) {
        lastId = id;
        last = extents.computeIfAbsent(id, k -> new Extent());
      }
      last.add(i % width, i / width);
    }
    List<TrueObject> found = new ArrayList<>();
    extents.forEach((id, e) -> found.add(new TrueObject(labels, width, height, id, e)));
    objects = List.copyOf(found);
  }

  /** Bounding box and area while they grow. */
  static final class Extent {
    int x0 = Integer.MAX_VALUE;
    int y0 = Integer.MAX_VALUE;
    int x1;
    int y1;
    int area;

    private void add(int x, int y) {
      x0 = Math.min(x0, x);
      y0 = Math.min(y0, y);
      x1 = Math.max(x1, x + 1);
      y1 = Math.max(y1, y + 1);
      area++;
    }
  }

  /**
   * All objects.
   *
   * @return in the order of their ids
   */
  public List<TrueObject> all() {
    return objects;
  }

  /**
   * Draws objects without replacement (the reference's {@code ConvertToSamInputs}).
   *
   * @param most how many objects at most
   * @param random where the draws come from
   * @return in the order of their ids; all of them if there are no more than {@code most}
   */
  public List<TrueObject> sample(int most, RandomGenerator random) {
    if (objects.size() <= most) {
      return objects;
    }
    int[] order = new int[objects.size()];
    Arrays.setAll(order, i -> i);
    for (int i = 0; i < most; i++) {
      int other = i + random.nextInt(order.length - i);
      int swapped = order[i];
      order[i] = order[other];
      order[other] = swapped;
    }
    return Arrays.stream(order, 0, most).sorted().mapToObj(objects::get).toList();
  }

  /**
   * Width of the label image.
   *
   * @return pixels
   */
  public int width() {
    return width;
  }

  /**
   * Height of the label image.
   *
   * @return pixels
   */
  public int height() {
    return height;
  }
}
