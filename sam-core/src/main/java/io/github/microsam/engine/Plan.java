package io.github.microsam.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A graph compiled for given input shapes: operations in order, with their arrays placed in one
 * block of memory.
 *
 * <p>Belongs to an {@link Engine}, which keeps two threads from running it at once.
 */
public final class Plan {
  private final Map<String, Value> inputs;
  private final Map<String, Value> outputs;
  private final StepSequence steps;
  private final Arena arena;
  private final long weightBytes;
  private final List<INDArray> constants;

  Plan(
      Map<String, Value> inputs,
      Map<String, Value> outputs,
      StepSequence steps,
      Arena arena,
      long weightBytes,
      List<INDArray> constants) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.steps = steps;
    this.arena = arena;
    this.weightBytes = weightBytes;
    this.constants = constants;
  }

  Map<String, INDArray> run(Map<String, INDArray> arrays) {
    inputs.forEach((name, value) -> value.array().assign(arrays.get(name)));
    steps.run();
    Map<String, INDArray> results = new LinkedHashMap<>();
    outputs.forEach((name, value) -> results.put(name, value.array().dup('c')));
    return results;
  }

  /**
   * Memory for intermediate results, which one call needs and the next one reuses.
   *
   * @return bytes, without weights, inputs of the caller and outputs
   */
  public long arenaBytes() {
    return arena.byteSize();
  }

  /**
   * Number of operations that a call runs.
   *
   * @return operations, without those that were computed or turned into views beforehand
   */
  public int stepCount() {
    return steps.size();
  }

  /**
   * What the plan does and needs, known before it runs; with times, if the engine profiles and the
   * plan has run.
   *
   * @return a description, a table as text
   */
  public PlanDescription describe() {
    return steps.describe(arena.byteSize(), weightBytes);
  }

  void close() {
    steps.close();
    constants.forEach(INDArray::close);
    arena.close();
  }
}
