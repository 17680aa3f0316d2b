package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Little-endian elements that lie in C order already.
 *
 * @param region where they are
 * @param position of the first
 * @param byteSize of all of them, within the region
 */
record ContiguousElements(ByteRegion region, long position, long byteSize) implements Elements {
  /** A multiple of every element size. */
  private static final int CHUNK = 1 << 20;

  @Override
  public ByteBuffer read() {
    if (byteSize > Integer.MAX_VALUE) {
      throw new CheckpointException(
          String.format("%,d bytes are more than the 2 GiB of a buffer; stream them", byteSize));
    }
    return region.view(position, (int) byteSize);
  }

  @Override
  public void stream(Sink sink) throws IOException {
    for (long done = 0; done < byteSize; done += CHUNK) {
      sink.accept(region.view(position + done, (int) Math.min(CHUNK, byteSize - done)));
    }
  }
}
