package io.github.microsam.label;

/** One run of {@link SeededWatershed} in {@link FloodOrder#HEAP} order. */
final class HeapFlood {
  private final float[] height;
  private final boolean[] mask;
  private final Grid grid;
  private final int[] ids;
  private final FloodHeap heap = new FloodHeap();
  private int age = 1;

  /**
   * Prepares a run.
   *
   * @param ids the seeds inside the mask, which become the result
   */
  HeapFlood(float[] height, int[] ids, boolean[] mask, Grid grid) {
    this.height = height;
    this.mask = mask;
    this.grid = grid;
    this.ids = ids;
  }

  int[] flood() {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] != 0) {
        heap.push(height[i], 0, i);
      }
    }
    int plane = grid.width() * grid.height();
    while (!heap.isEmpty()) {
      int pixel = heap.pop();
      int x = grid.x(pixel);
      int y = grid.y(pixel);
      int z = grid.z(pixel);
      // The order of scikit-image.
      claim(z > 0, pixel - plane, pixel);
      claim(y > 0, pixel - grid.width(), pixel);
      claim(x > 0, pixel - 1, pixel);
      claim(x + 1 < grid.width(), pixel + 1, pixel);
      claim(y + 1 < grid.height(), pixel + grid.width(), pixel);
      claim(z + 1 < grid.depth(), pixel + plane, pixel);
    }
    return ids;
  }

  private void claim(boolean inImage, int pixel, int from) {
    if (inImage && mask[pixel] && ids[pixel] == 0) {
      ids[pixel] = ids[from];
      heap.push(height[pixel], ++age, pixel);
    }
  }
}
