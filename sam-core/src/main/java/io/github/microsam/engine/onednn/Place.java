package io.github.microsam.engine.onednn;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A stretch of floats that a program reads or writes, whose address is known once it is bound:
 * memory of a caller's array, or a part of the scratch memory from its first use to its last.
 */
final class Place {
  final long length;
  final boolean temporary;

  /** The first and the last call of the program that use it. */
  int first = Integer.MAX_VALUE;

  int last = -1;

  /** Where a temporary lies: elements from the start of the scratch memory. */
  long offset;

  private Pointer memory;
  private long start;

  Place(long length, boolean temporary) {
    this.length = length;
    this.temporary = temporary;
  }

  void use(int call) {
    first = Math.min(first, call);
    last = Math.max(last, call);
  }

  boolean overlapsInTime(Place other) {
    return first <= other.last && other.first <= last;
  }

  /** Sets the address: so many elements after the start of that memory, which is kept alive. */
  void bind(Pointer newMemory, long newStart) {
    memory = newMemory;
    start = newStart;
  }

  Pointer address(long elements) {
    return new FloatPointer(memory).getPointer(start + elements);
  }
}
