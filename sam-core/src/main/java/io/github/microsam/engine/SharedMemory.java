package io.github.microsam.engine;

import java.util.EnumMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One block of memory an element type for the arenas of plans that take turns: training asks a
 * decoder for many numbers of prompts, one after another, and the memory of one is enough. Not safe
 * for use by two threads at once.
 */
final class SharedMemory implements AutoCloseable {
  /**
   * A block that has to grow becomes this much larger than what asks for it, so that it rarely has
   * to again; the first is as large as asked for, as an image encoder's never grows.
   */
  private static final double ROOM = 1.25;

  private final Map<DataType, DataBuffer> blocks = new EnumMap<>(DataType.class);
  private final Runnable beforeGrowth;
  private Arena user;

  /**
   * Memory of no size.
   *
   * @param beforeGrowth closes all plans whose arenas lie in the blocks that are about to be freed
   */
  SharedMemory(Runnable beforeGrowth) {
    this.beforeGrowth = beforeGrowth;
  }

  /**
   * Makes all blocks large enough.
   *
   * @throws PlanTooLargeException if there is not enough memory
   */
  void reserve(Map<DataType, Long> lengths, long weightBytes) {
    Map<DataType, Long> larger = new EnumMap<>(DataType.class);
    lengths.forEach(
        (type, length) -> {
          if (!blocks.containsKey(type)) {
            larger.put(type, length);
          } else if (length(type) < length) {
            larger.put(type, (long) (length * ROOM));
          }
        });
    if (larger.isEmpty()) {
      return;
    }
    beforeGrowth.run();
    for (DataType type : larger.keySet()) {
      DataBuffer old = blocks.remove(type);
      if (old != null) {
        old.close();
      }
    }
    FreeMemory.require(Arena.byteSize(larger), weightBytes);
    larger.forEach((type, length) -> blocks.put(type, Nd4j.createBuffer(type, length, false)));
  }

  private long length(DataType type) {
    return blocks.get(type).length();
  }

  DataBuffer block(DataType type) {
    return blocks.get(type);
  }

  /** Takes the memory for one arena: what others had in it is lost. */
  void take(Arena arena) {
    user = arena;
  }

  /** Whether no other arena has taken the memory since. */
  boolean isHeldBy(Arena arena) {
    return user == arena;
  }

  @Override
  public void close() {
    blocks.values().forEach(DataBuffer::close);
    blocks.clear();
  }
}
