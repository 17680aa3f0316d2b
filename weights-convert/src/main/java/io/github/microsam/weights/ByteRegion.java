package io.github.microsam.weights;

import java.nio.ByteBuffer;

/** Bytes that can be looked at where they lie. Safe for use by several threads. */
interface ByteRegion {

  /**
   * A part of the region, without a copy.
   *
   * @return a read-only, little-endian buffer of its own
   * @throws CheckpointException if the bytes are no longer there
   */
  ByteBuffer view(long position, int length);

  /** Bytes in memory, from the buffer's position on. */
  static ByteRegion of(ByteBuffer bytes) {
    ByteBuffer all = bytes.slice().asReadOnlyBuffer();
    return (position, length) -> Buffers.slice(all, Math.toIntExact(position), length);
  }
}
