package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a tensor's elements lie. Immutable, safe for use by several threads. */
interface Elements {

  /** Takes a part of the elements. */
  @FunctionalInterface
  interface Sink {

    /** Takes whole elements, little-endian; the buffer is valid until this returns. */
    void accept(ByteBuffer chunk) throws IOException;
  }

  /** All of them in C order, little-endian, read-only; at most 2 GiB. */
  ByteBuffer read();

  /** All of them in C order, a small part at a time. */
  void stream(Sink sink) throws IOException;
}
