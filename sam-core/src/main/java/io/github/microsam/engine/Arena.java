package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One block of memory an element type, in which storages that live at different times lie over each
 * other; an arena's own, or shared with the arenas of other plans.
 */
final class Arena implements AutoCloseable {
  /** Elements; keeps arrays on cache lines for every element type. */
  private static final long ALIGNMENT = 64;

  private final Map<DataType, DataBuffer> blocks = new EnumMap<>(DataType.class);
  private final long byteSize;
  private final SharedMemory shared;

  /**
   * Places storages, the largest first, each at the lowest place that is free throughout its life;
   * then allocates.
   *
   * @param storages what needs memory; their offset and buffer are set
   * @param weightBytes what the weights have taken already, for the message
   * @param shared where the blocks are; null for blocks of its own
   * @throws PlanTooLargeException if there is not enough memory
   */
  Arena(List<Storage> storages, long weightBytes, SharedMemory shared) {
    this.shared = shared;
    Map<DataType, Long> lengths = place(storages);
    byteSize = byteSize(lengths);
    if (shared == null) {
      FreeMemory.require(byteSize, weightBytes);
      lengths.forEach((type, n) -> blocks.put(type, Nd4j.createBuffer(type, n, false)));
    } else {
      shared.reserve(lengths, weightBytes);
    }
    for (Storage s : storages) {
      s.buffer = shared == null ? blocks.get(s.dataType) : shared.block(s.dataType);
    }
  }

  /**
   * Places storages without any memory.
   *
   * @param storages what would need memory
   * @return bytes that an arena of them takes
   */
  static long measure(List<Storage> storages) {
    return byteSize(place(storages));
  }

  /** Sets the offsets; gives the elements of each block. */
  private static Map<DataType, Long> place(List<Storage> storages) {
    List<Storage> bySize = new ArrayList<>(storages);
    bySize.sort(Comparator.comparingLong((Storage s) -> -s.length));
    Map<DataType, Long> lengths = new EnumMap<>(DataType.class);
    Map<DataType, List<Storage>> placed = new EnumMap<>(DataType.class);
    for (Storage s : bySize) {
      List<Storage> others = placed.computeIfAbsent(s.dataType, t -> new ArrayList<>());
      s.offset = lowestFreeOffset(s, others);
      int at = 0;
      while (at < others.size() && others.get(at).offset < s.offset) {
        at++;
      }
      others.add(at, s);
      lengths.merge(s.dataType, s.offset + s.length, Math::max);
    }
    return lengths;
  }

  /** Bytes of so many elements of each type. */
  static long byteSize(Map<DataType, Long> lengths) {
    return lengths.entrySet().stream().mapToLong(e -> e.getValue() * e.getKey().width()).sum();
  }

  private static long lowestFreeOffset(Storage s, List<Storage> othersByOffset) {
    long offset = 0;
    for (Storage other : othersByOffset) {
      if (!s.overlapsInTime(other)) {
        continue;
      }
      if (offset + s.length <= other.offset) {
        break;
      }
      long end = other.offset + other.length;
      offset = Math.max(offset, (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    }
    return offset;
  }

  /** Takes shared memory; nothing to do for an arena with its own. */
  void take() {
    if (shared != null) {
      shared.take(this);
    }
  }

  /** Whether nothing else has used the memory since {@link #take()}. */
  boolean isHeld() {
    return shared == null || shared.isHeldBy(this);
  }

  long byteSize() {
    return byteSize;
  }

  @Override
  public void close() {
    blocks.values().forEach(DataBuffer::close);
    blocks.clear();
  }
}
