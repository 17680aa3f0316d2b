package io.github.microsam.train.data;

/** One of the eight ways to lay a rectangle on its sides. */
record Orientation(int quarterTurns, boolean flipX, boolean flipY) {

  static Orientation draw(Augmentation augmentation, StableRandom random) {
    int turns = random.nextInt(4);
    boolean x = random.nextInt(2) == 1;
    boolean y = random.nextInt(2) == 1;
    return new Orientation(
        augmentation.quarterTurns() ? turns : 0,
        augmentation.flips() && x,
        augmentation.flips() && y);
  }

  boolean swapsSides() {
    return quarterTurns % 2 == 1;
  }

  /**
   * Where each pixel of a patch comes from.
   *
   * @param width of the patch
   * @param height of the patch
   * @return shape [height, width]: index in the rectangle as it was, whose sides may be swapped
   */
  int[] sources(int width, int height) {
    int[] sources = new int[width * height];
    for (int y = 0; y < height; y++) {
      int v = flipY ? height - 1 - y : y;
      for (int x = 0; x < width; x++) {
        int u = flipX ? width - 1 - x : x;
        sources[y * width + x] =
            switch (quarterTurns) {
              case 0 -> v * width + u;
              case 1 -> (width - 1 - u) * height + v;
              case 2 -> (height - 1 - v) * width + (width - 1 - u);
              default -> u * height + (height - 1 - v);
            };
      }
    }
    return sources;
  }
}
