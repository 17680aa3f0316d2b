package io.github.microsam.label;

import java.util.Arrays;

/** Numbers distinct keys 0, 1, 2… in the order in which they are first seen. Open addressing. */
final class LongIndex {
  private long[] keys = new long[16];
  private int[] slots = new int[64];
  private int count;

  LongIndex() {
    Arrays.fill(slots, -1);
  }

  /** The number of a key, a new one where it is new. */
  int add(long key) {
    int slot = slot(key);
    if (slots[slot] >= 0) {
      return slots[slot];
    }
    if (count == keys.length) {
      grow();
      slot = slot(key);
    }
    keys[count] = key;
    slots[slot] = count;
    return count++;
  }

  int count() {
    return count;
  }

  long key(int number) {
    return keys[number];
  }

  /** The numbers in the order of their keys, which compare as unsigned. */
  int[] sorted() {
    long[] order = new long[count];
    for (int i = 0; i < count; i++) {
      order[i] = keys[i] ^ Long.MIN_VALUE;
    }
    Arrays.sort(order);
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = slots[slot(order[i] ^ Long.MIN_VALUE)];
    }
    return numbers;
  }

  private int slot(long key) {
    long h = key * 0x9E3779B97F4A7C15L;
    int mask = slots.length - 1;
    int slot = (int) (h ^ (h >>> 32)) & mask;
    while (slots[slot] >= 0 && keys[slots[slot]] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    keys = Arrays.copyOf(keys, 2 * keys.length);
    slots = new int[4 * keys.length];
    Arrays.fill(slots, -1);
    for (int i = 0; i < count; i++) {
      slots[slot(keys[i])] = i;
    }
  }
}
