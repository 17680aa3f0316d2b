package io.github.microsam.prompt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays in native memory that are freed together. */
final class NativeArrays implements AutoCloseable {
  private final List<INDArray> arrays = new ArrayList<>();

  /** A copy of values in native memory. */
  INDArray of(float[] values, long... shape) {
    return keep(values.length == 0 ? Nd4j.create(shape) : Nd4j.create(values, shape));
  }

  INDArray keep(INDArray array) {
    arrays.add(array);
    return array;
  }

  /** Takes over the results of a graph. */
  Map<String, INDArray> keep(Map<String, INDArray> results) {
    Collection<INDArray> values = results.values();
    arrays.addAll(values);
    return results;
  }

  /** Elements of a result, which is in C order. */
  static float[] read(INDArray array) {
    return read(array, 0, Math.toIntExact(array.length()));
  }

  static float[] read(INDArray array, long start, int count) {
    float[] out = new float[count];
    array.data().asNioFloat().get(Math.toIntExact(start), out);
    return out;
  }

  @Override
  public void close() {
    for (INDArray array : arrays) {
      if (array.closeable()) {
        array.close();
      }
    }
  }
}
