package io.github.microsam.train.optim;

import io.github.microsam.train.array.NativeFloats;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sums of gradients by key. A parameter that nothing was added to has no gradient, which is not the
 * same as one of zeros: an optimizer leaves such a parameter alone. Owns native memory, which is
 * used again after {@link #clear()}. For one thread.
 */
public final class Gradients implements AutoCloseable {
  private final Map<String, INDArray> memory = new LinkedHashMap<>();
  private final Map<String, INDArray> present = new LinkedHashMap<>();

  /**
   * Adds to the sum of one parameter.
   *
   * @param key of the parameter
   * @param gradient of its shape; copied
   */
  public void add(String key, INDArray gradient) {
    INDArray sum = present.get(key);
    if (sum != null) {
      sum.addi(gradient);
      return;
    }
    INDArray fresh =
        memory.computeIfAbsent(
            key, k -> Nd4j.createUninitialized(DataType.FLOAT, gradient.shape(), 'c'));
    fresh.assign(gradient);
    present.put(key, fresh);
  }

  /**
   * Adds to the sums of several parameters.
   *
   * @param gradients by key; copied
   */
  public void addAll(Map<String, INDArray> gradients) {
    gradients.forEach(this::add);
  }

  /**
   * The sums.
   *
   * @return by key, of the parameters that something was added to; valid until {@link #clear()}
   */
  public Map<String, INDArray> sums() {
    return Collections.unmodifiableMap(present);
  }

  /**
   * The Euclidean norm of all sums as one vector.
   *
   * @return 0 or more; not a finite number if a gradient is not
   */
  public double norm() {
    List<INDArray> arrays = new ArrayList<>(present.values());
    double[] squares = new double[arrays.size()];
    IntStream.range(0, arrays.size()).parallel().forEach(i -> squares[i] = squares(arrays.get(i)));
    double sum = 0;
    for (double s : squares) {
      sum += s;
    }
    return Math.sqrt(sum);
  }

  private static double squares(INDArray array) {
    float[] part = new float[2048];
    double sum = 0;
    for (long start = 0; start < array.length(); start += part.length) {
      int count = (int) Math.min(part.length, array.length() - start);
      NativeFloats.read(array, start, part, 0, count);
      for (int i = 0; i < count; i++) {
        sum += (double) part[i] * part[i];
      }
    }
    return sum;
  }

  /** Forgets the sums and keeps the memory. */
  public void clear() {
    present.clear();
  }

  @Override
  public void close() {
    present.clear();
    memory.values().forEach(INDArray::close);
    memory.clear();
  }
}
