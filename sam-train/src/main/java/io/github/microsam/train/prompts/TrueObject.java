package io.github.microsam.train.prompts;

import io.github.microsam.prompt.Prompt;

/**
 * An object of a label image. Immutable as long as nobody writes to the labels; may then be shared
 * by threads.
 */
public final class TrueObject {
  private final int[] labels;
  private final int width;
  private final int height;
  private final int id;
  private final int x0;
  private final int y0;
  private final int x1;
  private final int y1;
  private final int area;

  TrueObject(int[] labels, int width, int height, int id, TrueObjects.Extent extent) {
    this.labels = labels;
    this.width = width;
    this.height = height;
    this.id = id;
    x0 = extent.x0;
    y0 = extent.y0;
    x1 = extent.x1;
    y1 = extent.y1;
    area = extent.area;
  }

  /**
   * Its id in the label image.
   *
   * @return not 0
   */
  public int id() {
    return id;
  }

  /**
   * Its size.
   *
   * @return number of pixels, at least 1
   */
  public int area() {
    return area;
  }

  /**
   * Its bounding box, half open.
   *
   * @return from the first column and row to those after the last
   */
  public Prompt.Box box() {
    return new Prompt.Box(x0, y0, x1, y1);
  }

  /**
   * Whether a pixel belongs to it.
   *
   * @param pixel y · width + x
   * @return whether the pixel has its id
   */
  public boolean contains(int pixel) {
    return labels[pixel] == id;
  }

  /**
   * The object as a mask.
   *
   * @return shape [height, width], true inside; a new array
   */
  public boolean[] mask() {
    boolean[] mask = new boolean[labels.length];
    for (int y = y0; y < y1; y++) {
      for (int i = y * width + x0; i < y * width + x1; i++) {
        mask[i] = labels[i] == id;
      }
    }
    return mask;
  }

  /** The bounding box enlarged by some pixels on each side, within the image. */
  PixelWindow window(int margin) {
    return new PixelWindow(
        Math.max(0, x0 - margin),
        Math.max(0, y0 - margin),
        Math.min(width, x1 + margin),
        Math.min(height, y1 + margin),
        width);
  }

  PixelWindow image() {
    return new PixelWindow(0, 0, width, height, width);
  }

  int imageWidth() {
    return width;
  }

  int imageHeight() {
    return height;
  }
}
