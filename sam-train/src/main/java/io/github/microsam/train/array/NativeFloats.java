package io.github.microsam.train.array;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Copies floats between Java arrays and arrays of ND4J that lie in C order without gaps. Nothing is
 * checked but that; threads may copy different elements at once.
 */
public final class NativeFloats {
  /** Elements of a chunk: several arrays of this size fit a core's first cache. */
  private static final int CHUNK = 2048;

  private NativeFloats() {}

  /**
   * Copies elements out of native memory.
   *
   * @param array from here, in C order
   * @param start its first element that is copied
   * @param out to here
   * @param offset first element of {@code out} that is written
   * @param count number of elements
   */
  public static void read(INDArray array, long start, float[] out, int offset, int count) {
    at(array, start).get(out, offset, count);
  }

  /**
   * Copies all elements out of native memory.
   *
   * @param array from here, in C order
   * @return its elements
   */
  public static float[] read(INDArray array) {
    float[] out = new float[Math.toIntExact(array.length())];
    read(array, 0, out, 0, out.length);
    return out;
  }

  /**
   * Copies elements into native memory.
   *
   * @param in from here
   * @param offset first element of {@code in} that is read
   * @param count number of elements
   * @param array to here, in C order
   * @param start its first element that is written
   */
  public static void write(float[] in, int offset, int count, INDArray array, long start) {
    at(array, start).put(in, offset, count);
  }

  private static FloatPointer at(INDArray array, long start) {
    if (array.dataType() != DataType.FLOAT
        || array.ordering() != 'c'
        || (array.isView() && gaps(array))) {
      throw new IllegalArgumentException("not floats in C order: " + array.shapeInfoToString());
    }
    FloatPointer memory = new FloatPointer(array.data().pointer());
    return memory.position(array.offset() + start);
  }

  private static boolean gaps(INDArray array) {
    long expected = 1;
    for (int d = array.rank() - 1; d >= 0; d--) {
      if (array.size(d) != 1 && array.stride(d) != expected) {
        return true;
      }
      expected *= array.size(d);
    }
    return false;
  }

  /** A part of one of several arrays. */
  @FunctionalInterface
  public interface ChunkAction {
    /**
     * Does something with a part of an array.
     *
     * @param array which one
     * @param start its first element of the part
     * @param count number of elements
     */
    void accept(int array, long start, int count);
  }

  /**
   * Goes through arrays in parts, on several threads. Each part is visited once, in no order.
   *
   * @param lengths elements of each array
   * @param action is called for each part
   */
  public static void forEachChunk(Collection<Long> lengths, ChunkAction action) {
    List<long[]> chunks = new ArrayList<>();
    int array = 0;
    for (long length : lengths) {
      for (long start = 0; start < length; start += CHUNK) {
        chunks.add(new long[] {array, start, Math.min(CHUNK, length - start)});
      }
      array++;
    }
    IntStream.range(0, chunks.size())
        .parallel()
        .forEach(
            i -> {
              long[] c = chunks.get(i);
              action.accept((int) c[0], c[1], (int) c[2]);
            });
  }
}
