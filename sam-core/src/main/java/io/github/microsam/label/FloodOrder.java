package io.github.microsam.label;

/** Which pixel a watershed floods next. The orders differ where heights are equal. */
public enum FloodOrder {
  /**
   * Heights in 65,536 equal steps between lowest and highest, the pixel reached last first within a
   * step; a pixel below the present level counts as being at it (Meyer): bioimage-cpp, which
   * micro-sam 1.8 uses. Linear in pixels.
   */
  BUCKETS,
  /**
   * Exact heights, the pixel reached first first: scikit-image, which micro-sam up to 1.7 used
   * (scikit-image before it raised pixels to the level). A heap: n log n.
   */
  HEAP
}
