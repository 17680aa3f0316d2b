package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32;

/** Where tensors stream to: the end of a file, with a count of the bytes and their checksum. */
final class TensorSink implements WritableByteChannel {
  /**
   * Bytes that are checksummed and then written: small enough to be still in the processor's cache
   * for the second of the two, large enough that the calls cost nothing.
   */
  private static final int CHUNK = 1 << 18;

  private final FileChannel file;
  private final ByteProgress progress;
  private final long total;
  private final CRC32 crc = new CRC32();
  private boolean checksummed;
  private long ofThisTensor;
  private long done;

  TensorSink(FileChannel file, ByteProgress progress, long total) {
    this.file = file;
    this.progress = progress;
    this.total = total;
  }

  /**
   * Streams one tensor.
   *
   * @return its CRC-32 if that was asked for, else 0
   */
  long accept(Tensor tensor, boolean checksummed) throws IOException {
    this.checksummed = checksummed;
    ofThisTensor = 0;
    crc.reset();
    tensor.writeTo(this);
    if (ofThisTensor != tensor.byteSize()) {
      throw new CheckpointException(
          tensor.name()
              + " gave "
              + ofThisTensor
              + " bytes instead of the "
              + tensor.byteSize()
              + " of its shape");
    }
    return crc.getValue();
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    int end = bytes.limit();
    while (bytes.position() < end) {
      int start = bytes.position();
      // Up to a multiple of the chunk: the system is slow with pages that are written in two parts.
      int room = CHUNK - (int) (file.position() & (CHUNK - 1));
      bytes.limit(Math.min(end, start + room));
      if (checksummed) {
        crc.update(bytes);
        bytes.position(start);
      }
      writeAll(file, bytes);
      bytes.limit(end);
      ofThisTensor += bytes.position() - start;
      done += bytes.position() - start;
      progress.advanced(done, total);
    }
    return count;
  }

  static void writeAll(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  /** Does nothing: the file belongs to who opened it. */
  @Override
  public void close() {}
}
