package io.github.microsam.train.optim;

import io.github.microsam.train.array.NativeFloats;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Changes parameters in place. A parameter's state is made by its first update, so parameters that
 * are never updated have none; each counts its own updates. Owns the state's native memory, not the
 * parameters. For one thread, which uses several itself; results do not depend on their number.
 */
public final class Optimizer implements AutoCloseable {
  private static final int CHUNK = 2048;

  private final UpdateRule rule;
  private final Map<String, INDArray> parameters;
  private final ToDoubleFunction<String> rateFactor;
  private final Map<String, INDArray[]> moments = new LinkedHashMap<>();
  private final Map<String, Long> steps = new LinkedHashMap<>();
  private final ThreadLocal<UpdateRule.Part> parts;

  /**
   * An optimizer.
   *
   * @param rule how it changes a parameter
   * @param parameters arrays of floats in C order by key, changed by {@link #step}
   * @param rateFactor factor of the learning rate for a key, 1 usually
   */
  public Optimizer(
      UpdateRule rule, Map<String, INDArray> parameters, ToDoubleFunction<String> rateFactor) {
    this.rule = rule;
    this.parameters = parameters;
    this.rateFactor = rateFactor;
    parts = ThreadLocal.withInitial(() -> new UpdateRule.Part(CHUNK, rule.moments()));
  }

  /**
   * Updates the parameters that have a gradient.
   *
   * @param gradients by key of a parameter
   * @param gradientScale what each gradient is multiplied with first: 1, or less to clip
   * @param rate learning rate
   * @throws IllegalArgumentException if a key is no parameter's
   */
  public void step(Map<String, INDArray> gradients, double gradientScale, double rate) {
    List<String> keys = new ArrayList<>(gradients.keySet());
    for (String key : keys) {
      if (!parameters.containsKey(key)) {
        throw new IllegalArgumentException("a gradient of " + key + ", which is not trained");
      }
      moments.computeIfAbsent(key, this::freshMoments);
      steps.merge(key, 1L, Long::sum);
    }
    float scale = (float) gradientScale;
    NativeFloats.forEachChunk(
        keys.stream().map(k -> parameters.get(k).length()).toList(),
        (index, start, count) -> {
          String key = keys.get(index);
          UpdateRule.Part part = parts.get();
          part.count = count;
          INDArray parameter = parameters.get(key);
          INDArray[] state = moments.get(key);
          NativeFloats.read(parameter, start, part.parameters, 0, count);
          NativeFloats.read(gradients.get(key), start, part.gradients, 0, count);
          for (int i = 0; i < state.length; i++) {
            NativeFloats.read(state[i], start, part.moments[i], 0, count);
          }
          for (int i = 0; i < count; i++) {
            part.gradients[i] *= scale;
          }
          rule.update(part, steps.get(key), rate * rateFactor.applyAsDouble(key));
          NativeFloats.write(part.parameters, 0, count, parameter, start);
          for (int i = 0; i < state.length; i++) {
            NativeFloats.write(part.moments[i], 0, count, state[i], start);
          }
        });
  }

  private INDArray[] freshMoments(String key) {
    INDArray[] fresh = new INDArray[rule.moments()];
    for (int i = 0; i < fresh.length; i++) {
      fresh[i] = Nd4j.zeros(DataType.FLOAT, parameters.get(key).shape());
    }
    return fresh;
  }

  /**
   * The state of every parameter that was updated.
   *
   * @return arrays by {@code <number of the moment>.<key>}; the optimizer's own
   */
  public Map<String, INDArray> state() {
    Map<String, INDArray> state = new LinkedHashMap<>();
    moments.forEach(
        (key, arrays) -> {
          for (int i = 0; i < arrays.length; i++) {
            state.put(i + "." + key, arrays[i]);
          }
        });
    return state;
  }

  /**
   * How often each parameter was updated.
   *
   * @return by key, of those that were
   */
  public Map<String, Long> steps() {
    return Collections.unmodifiableMap(steps);
  }

  /**
   * Continues where another optimizer of the same rule and parameters was.
   *
   * @param state what its {@link #state()} was; copied
   * @param updates what its {@link #steps()} were
   * @throws IllegalArgumentException if a key is no parameter's, or an array is missing
   */
  public void restore(Map<String, INDArray> state, Map<String, Long> updates) {
    updates.forEach(
        (key, count) -> {
          if (!parameters.containsKey(key)) {
            throw new IllegalArgumentException("state of " + key + ", which is not trained");
          }
          INDArray[] fresh = moments.computeIfAbsent(key, this::freshMoments);
          for (int i = 0; i < fresh.length; i++) {
            INDArray saved = state.get(i + "." + key);
            if (saved == null) {
              throw new IllegalArgumentException(
                  "the optimizer's state " + i + " of " + key + " is missing");
            }
            fresh[i].assign(saved);
          }
          steps.put(key, count);
        });
  }

  @Override
  public void close() {
    moments.values().forEach(arrays -> List.of(arrays).forEach(INDArray::close));
    moments.clear();
  }
}
