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
  /** Blocks are this much larger than what asks for them, so that they rarely have to grow. */
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

  /** Makes all blocks large enough. */
  void reserve(Map<DataType, Long> lengths) {
    boolean grows =
        lengths.entrySet().stream()
            .anyMatch(e -> !blocks.containsKey(e.getKey()) || length(e.getKey()) < e.getValue());
    if (!grows) {
      return;
    }
    beforeGrowth.run();
    lengths.forEach(
        (type, length) -> {
          if (blocks.containsKey(type) && length(type) >= length) {
            return;
          }
          DataBuffer old = blocks.remove(type);
          if (old != null) {
            old.close();
          }
          blocks.put(type, Nd4j.createBuffer(type, (long) (length * ROOM), false));
        });
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
