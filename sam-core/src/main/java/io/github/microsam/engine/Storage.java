package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A stretch of memory that one intermediate result, and the views of it, occupy from each time that
 * it is written to the last time that it is read then.
 */
final class Storage {
  final DataType dataType;
  final long length;

  /** Where it lies once memory is planned: elements from the start of {@link #buffer}. */
  long offset;

  DataBuffer buffer;

  private final List<Life> lives = new ArrayList<>();

  Storage(DataType dataType, long length) {
    this.dataType = dataType;
    this.length = length;
  }

  private record Life(int from, int to) {}

  /** Is written. */
  void write(int time) {
    lives.add(new Life(time, time));
  }

  /** Is read, after it was written last. */
  void read(int time) {
    Life last = lives.remove(lives.size() - 1);
    lives.add(new Life(last.from, Math.max(last.to, time)));
  }

  boolean overlapsInTime(Storage other) {
    for (Life a : lives) {
      for (Life b : other.lives) {
        if (a.from <= b.to && b.from <= a.to) {
          return true;
        }
      }
    }
    return false;
  }

  /** Bytes that it takes while it lives. */
  long byteSize() {
    return length * dataType.width();
  }
}
