package io.github.microsam.label;

import java.util.Arrays;

/**
 * Binary heap of pixels by level, then age. Seeds of one level are equal in both: which of them
 * comes first, and with it the order on plateaus, follows from this being the textbook heap that
 * scikit-image has.
 */
final class FloodHeap {
  private float[] levels = new float[1024];
  private int[] ages = new int[1024];
  private int[] pixels = new int[1024];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void push(float level, int age, int pixel) {
    if (size == pixels.length) {
      int capacity = size + (size >> 1);
      levels = Arrays.copyOf(levels, capacity);
      ages = Arrays.copyOf(ages, capacity);
      pixels = Arrays.copyOf(pixels, capacity);
    }
    int child = size++;
    levels[child] = level;
    ages[child] = age;
    pixels[child] = pixel;
    while (child > 0) {
      int parent = (child - 1) / 2;
      if (!before(child, parent)) {
        break;
      }
      swap(child, parent);
      child = parent;
    }
  }

  /** Takes out the first pixel. */
  int pop() {
    int first = pixels[0];
    size--;
    swap(0, size);
    int i = 0;
    while (true) {
      int smallest = i;
      int left = 2 * i + 1;
      if (left < size && before(left, i)) {
        smallest = left;
      }
      if (left + 1 < size && before(left + 1, smallest)) {
        smallest = left + 1;
      }
      if (smallest == i) {
        return first;
      }
      swap(i, smallest);
      i = smallest;
    }
  }

  private boolean before(int a, int b) {
    return levels[a] != levels[b] ? levels[a] < levels[b] : ages[a] < ages[b];
  }

  private void swap(int a, int b) {
    float level = levels[a];
    levels[a] = levels[b];
    levels[b] = level;
    int age = ages[a];
    ages[a] = ages[b];
    ages[b] = age;
    int pixel = pixels[a];
    pixels[a] = pixels[b];
    pixels[b] = pixel;
  }
}
