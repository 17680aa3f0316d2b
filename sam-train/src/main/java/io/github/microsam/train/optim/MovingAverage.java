package io.github.microsam.train.optim;

import io.github.microsam.train.array.NativeFloats;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An exponential moving average of weights. In the beginning, when the average is still mostly what
 * training started from, it follows faster: the decay of update n is at most (1 + n) / (10 + n).
 * Owns native memory. For one thread.
 */
public final class MovingAverage implements AutoCloseable {
  private static final int CHUNK = 2048;

  private final double decay;
  private final Map<String, INDArray> weights;
  private final Map<String, INDArray> averages = new LinkedHashMap<>();
  private long updates;

  /**
   * An average that starts with the weights as they are.
   *
   * @param decay share of the average that an update keeps, from 0 to below 1
   * @param weights arrays of floats in C order by key
   */
  public MovingAverage(double decay, Map<String, INDArray> weights) {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException(
          "decay " + decay + " of the average, expected 0 to below 1");
    }
    this.decay = decay;
    this.weights = weights;
    weights.forEach((key, array) -> averages.put(key, array.dup('c')));
  }

  /** Moves the average towards the weights as they are. */
  public void update() {
    updates++;
    float kept = (float) Math.min(decay, (1.0 + updates) / (10 + updates));
    blend((average, weight, i) -> average[i] = kept * average[i] + (1 - kept) * weight[i]);
  }

  /** Exchanges the weights and their average; a second call undoes it. */
  public void exchange() {
    blend(
        (average, weight, i) -> {
          float swap = average[i];
          average[i] = weight[i];
          weight[i] = swap;
        });
  }

  private interface Element {
    void change(float[] average, float[] weight, int i);
  }

  private void blend(Element element) {
    List<INDArray> from = new ArrayList<>(weights.values());
    List<INDArray> to = new ArrayList<>(averages.values());
    NativeFloats.forEachChunk(
        from.stream().map(INDArray::length).toList(),
        (array, start, count) -> {
          float[] weight = new float[CHUNK];
          float[] average = new float[CHUNK];
          NativeFloats.read(from.get(array), start, weight, 0, count);
          NativeFloats.read(to.get(array), start, average, 0, count);
          for (int i = 0; i < count; i++) {
            element.change(average, weight, i);
          }
          NativeFloats.write(average, 0, count, to.get(array), start);
          NativeFloats.write(weight, 0, count, from.get(array), start);
        });
  }

  /**
   * The averages.
   *
   * @return arrays by key; its own
   */
  public Map<String, INDArray> averages() {
    return Collections.unmodifiableMap(averages);
  }

  /**
   * How often {@link #update()} was called.
   *
   * @return 0 or more
   */
  public long updates() {
    return updates;
  }

  /**
   * Continues where another average of the same weights was.
   *
   * @param saved what its {@link #averages()} were; copied
   * @param count its {@link #updates()}
   * @throws IllegalArgumentException if one is missing
   */
  public void restore(Map<String, INDArray> saved, long count) {
    averages.forEach(
        (key, array) -> {
          if (!saved.containsKey(key)) {
            throw new IllegalArgumentException("the average of " + key + " is missing");
          }
          array.assign(saved.get(key));
        });
    updates = count;
  }

  @Override
  public void close() {
    averages.values().forEach(INDArray::close);
  }
}
