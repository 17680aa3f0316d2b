package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Cuts a stream of bytes into whole elements, wherever the writes that bring them end. */
abstract class ElementStream implements WritableByteChannel {
  private final int elementSize;
  private final ByteBuffer cut = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

  ElementStream(DType type) {
    elementSize = type.byteSize();
    cut.limit(elementSize);
  }

  /** Takes one or more elements, all of the buffer, which is little-endian. */
  abstract void elements(ByteBuffer whole) throws IOException;

  @Override
  public final int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    while (bytes.hasRemaining() && cut.position() > 0) {
      cut.put(bytes.get());
      if (!cut.hasRemaining()) {
        elements(cut.flip());
        cut.clear().limit(elementSize);
      }
    }
    int whole = bytes.remaining() / elementSize * elementSize;
    if (whole > 0) {
      elements(bytes.slice(bytes.position(), whole).order(ByteOrder.LITTLE_ENDIAN));
      bytes.position(bytes.position() + whole);
    }
    cut.put(bytes);
    return count;
  }

  @Override
  public final boolean isOpen() {
    return true;
  }

  @Override
  public final void close() {}
}
