package io.github.microsam.engine;

import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A stretch of memory that one intermediate result, and the views of it, occupy from its first use
 * to its last.
 */
final class Storage {
  final DataType dataType;
  final long length;
  final int firstStep;
  int lastStep;

  /** Where it lies once memory is planned: elements from the start of {@link #buffer}. */
  long offset;

  DataBuffer buffer;

  Storage(DataType dataType, long length, int firstStep) {
    this.dataType = dataType;
    this.length = length;
    this.firstStep = firstStep;
    this.lastStep = firstStep;
  }

  boolean overlapsInTime(Storage other) {
    return firstStep <= other.lastStep && other.firstStep <= lastStep;
  }
}
