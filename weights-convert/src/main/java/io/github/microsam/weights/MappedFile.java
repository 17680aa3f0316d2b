package io.github.microsam.weights;

import io.github.microsam.weights.pickle.ByteSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/**
 * A file of any size, mapped in windows of at most 2 GiB that overlap by half, so that whatever is
 * no larger than 1 GiB lies within one of them. Mapping reads nothing; the windows live until the
 * last view of them is garbage.
 *
 * <p>Reading a file that has become shorter since it was mapped is a fault of the processor, which
 * is why every view checks the size first.
 */
final class MappedFile implements ByteRegion, ByteSource, AutoCloseable {
  private static final int WINDOW = Integer.MAX_VALUE;
  private static final int STEP_BITS = 30;

  private final Path path;
  // Its length and reads, unlike those of a channel, survive the interruption of a thread.
  private final RandomAccessFile file;
  private final long size;
  private volatile ByteBuffer[] windows;

  MappedFile(Path path) throws IOException {
    this.path = path;
    this.file = new RandomAccessFile(path.toFile(), "r");
    this.size = file.length();
  }

  @Override
  public long size() {
    return size;
  }

  /** Maps the whole file; before this, it can only be read. */
  void map() throws IOException {
    long beyondFirst = Math.max(0, size - WINDOW);
    long step = 1L << STEP_BITS;
    ByteBuffer[] all = new ByteBuffer[1 + (int) ((beyondFirst + step - 1) >> STEP_BITS)];
    for (int i = 0; i < all.length; i++) {
      long start = i * step;
      all[i] = file.getChannel().map(MapMode.READ_ONLY, start, Math.min(size - start, WINDOW));
    }
    windows = all;
  }

  @Override
  public ByteBuffer view(long position, int length) {
    ByteBuffer[] open = windows;
    if (open == null) {
      throw new CheckpointException(path + " has been closed; read its tensors before that");
    }
    checkSize();
    int i = (int) Math.min(position >> STEP_BITS, open.length - 1);
    long within = position - ((long) i << STEP_BITS);
    if (within + length <= open[i].capacity()) {
      return Buffers.slice(open[i], (int) within, length);
    }
    try {
      return Buffers.slice(file.getChannel().map(MapMode.READ_ONLY, position, length), 0, length);
    } catch (IOException e) {
      throw new CheckpointException(path + " cannot be mapped: " + e.getMessage(), e);
    }
  }

  /** Fails if the file was truncated after it was opened. */
  void checkSize() {
    try {
      long now = file.length();
      if (now < size) {
        throw new CheckpointException(
            String.format("%s was truncated while open: %,d bytes then, %,d now", path, size, now));
      }
    } catch (IOException e) {
      throw new CheckpointException(path + " can no longer be read: " + e.getMessage(), e);
    }
  }

  @Override
  public void read(long position, byte[] into, int offset, int length) {
    try {
      synchronized (file) {
        file.seek(position);
        file.readFully(into, offset, length);
      }
    } catch (IOException e) {
      throw new CheckpointException(
          String.format("bytes %d to %d cannot be read: %s", position, position + length, e), e);
    }
  }

  @Override
  public byte[] read(long position, int length) {
    byte[] bytes = new byte[length];
    read(position, bytes, 0, length);
    return bytes;
  }

  @Override
  public void close() {
    windows = null;
    try {
      file.close();
    } catch (IOException e) {
      throw new CheckpointException(path + " cannot be closed: " + e.getMessage(), e);
    }
  }
}
