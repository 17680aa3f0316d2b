package io.github.microsam.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Slices and new buffers, always little-endian: Java's forget the order. */
final class Buffers {
  private Buffers() {}

  static ByteBuffer slice(ByteBuffer buffer, int position, int length) {
    return buffer.slice(position, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * A new buffer on the heap.
   *
   * @param what to say what it is for if there is no room
   */
  static ByteBuffer allocate(long bytes, String what) {
    if (bytes <= Integer.MAX_VALUE - 8) {
      try {
        return ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
      } catch (OutOfMemoryError e) {
        throw noRoom(bytes, what, e);
      }
    }
    throw noRoom(bytes, what, null);
  }

  /** Nothing was allocated when a single large array does not fit, so it is safe to go on. */
  static CheckpointException noRoom(long bytes, String what, OutOfMemoryError cause) {
    return new CheckpointException(
        String.format(
            "%s needs %,d bytes of heap at once; stream it, or give Java a larger heap (-Xmx)",
            what, bytes),
        cause);
  }
}
