package io.github.microsam.weights;

import java.nio.ByteBuffer;

/** Bytes that can be looked at where they lie. Safe for use by several threads. */
interface ByteRegion {

  /** How many bytes there are. */
  long size();

  /**
   * A part of the region, without a copy.
   *
   * @return a read-only, little-endian buffer of its own
   * @throws CheckpointException if the bytes are no longer there
   */
  ByteBuffer view(long position, int length);

  /** A copy of a part of the region. */
  byte[] read(long position, int length);

  /** Bytes in memory, from the buffer's position on. */
  static ByteRegion of(ByteBuffer bytes) {
    return new InMemory(bytes.slice().asReadOnlyBuffer());
  }

  /** Bytes in memory. */
  record InMemory(ByteBuffer bytes) implements ByteRegion {
    @Override
    public long size() {
      return bytes.capacity();
    }

    @Override
    public ByteBuffer view(long position, int length) {
      return Buffers.slice(bytes, Math.toIntExact(position), length);
    }

    @Override
    public byte[] read(long position, int length) {
      byte[] copy = new byte[length];
      view(position, length).get(copy);
      return copy;
    }
  }
}
