package io.github.microsam.engine;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A graph and its gradient compiled for given input shapes: a forward pass, and a backward pass
 * that may follow it, with all their arrays in one block of memory. What the backward pass reads is
 * kept from the forward pass; everything else is given up at once. Parts of the graph that do not
 * lie between what gradients are taken with respect to and the outputs have no backward pass.
 *
 * <pre>{@code
 * GradientPlan plan = engine.gradientPlan(inputs, List.of("loss"), List.of("weight"));
 * INDArray loss = plan.forward(inputs).get("loss");
 * INDArray gradient = plan.backward(Map.of("loss", Nd4j.scalar(1f))).get("weight");
 * }</pre>
 *
 * <p>The weights are the graph's own arrays: an optimizer changes them in place, and the next
 * forward pass sees it. They must not change between a forward pass and its backward pass.
 *
 * <p>Belongs to an {@link Engine}, like a {@link Plan}. Not safe for use by two threads at once.
 */
public final class GradientPlan {
  private final Map<String, Value> inputs;
  private final Map<String, Value> outputs;
  private final Map<String, Value> seeds;
  private final Map<String, Value> gradients;
  private final StepSequence forwardSteps;
  private final StepSequence backwardSteps;
  private final Arena arena;
  private final long weightBytes;
  private final List<INDArray> constants;
  private boolean ready;
  private boolean closed;

  GradientPlan(
      Map<String, Value> inputs,
      Map<String, Value> outputs,
      Map<String, Value> seeds,
      Map<String, Value> gradients,
      StepSequence steps,
      int cut,
      Arena arena,
      long weightBytes,
      List<INDArray> constants) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.seeds = seeds;
    this.gradients = gradients;
    this.forwardSteps = steps.part(0, cut);
    this.backwardSteps = steps.part(cut, steps.size());
    this.arena = arena;
    this.weightBytes = weightBytes;
    this.constants = constants;
  }

  /**
   * Runs the forward pass and keeps what the backward pass will read.
   *
   * @param arrays an array for each placeholder, of the shapes that the plan was compiled for; read
   *     only
   * @return the outputs, then what is observed, by name: new arrays that the caller owns and closes
   * @throws IllegalArgumentException if an input is missing or has another shape
   * @throws IllegalStateException if the engine is closed or has dropped this plan
   */
  public Map<String, INDArray> forward(Map<String, INDArray> arrays) {
    checkOpen();
    arena.take();
    ready = false;
    inputs.forEach(
        (name, value) -> {
          INDArray array = arrays.get(name);
          if (array == null) {
            throw new IllegalArgumentException(
                "input " + name + " is missing; given are " + arrays.keySet());
          }
          assign("input " + name, value, array);
        });
    forwardSteps.run();
    ready = true;
    Map<String, INDArray> results = new LinkedHashMap<>();
    outputs.forEach((name, value) -> results.put(name, value.array().dup('c')));
    return results;
  }

  /**
   * Runs the backward pass that belongs to the last forward pass, once.
   *
   * @param seeds the derivative of the loss with respect to each output, of the output's shape; an
   *     output without one does not count. 1 for an output that is the loss.
   * @return the derivative with respect to each variable or input that the plan was asked for, by
   *     name; one that no output depends on is left out. Arrays of the plan: read them, and copy
   *     what has to outlive the next call.
   * @throws IllegalArgumentException if a seed is for something else, or has another shape
   * @throws IllegalStateException if there was no forward pass since the last backward pass,
   *     another plan of the engine had one since, or the engine is closed or has dropped this plan
   */
  public Map<String, INDArray> backward(Map<String, INDArray> seeds) {
    checkOpen();
    if (!ready) {
      throw new IllegalStateException(
          "a backward pass needs a forward pass before it: the memory of the last one is used up");
    }
    if (!arena.isHeld()) {
      throw new IllegalStateException(
          "another plan of this engine has run since the forward pass, in the same memory; go back"
              + " before the next forward pass");
    }
    TreeSet<String> unknown = new TreeSet<>(seeds.keySet());
    unknown.removeAll(this.seeds.keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "seeds for " + unknown + ", but the outputs are " + this.seeds.keySet());
    }
    for (INDArray seed : seeds.values()) {
      if (seed == null) {
        throw new IllegalArgumentException("a seed is null; leave out what has none");
      }
    }
    this.seeds.forEach(
        (name, value) -> {
          if (seeds.containsKey(name)) {
            assign("the seed for " + name, value, seeds.get(name));
          } else {
            value.array().assign(0);
          }
        });
    ready = false;
    backwardSteps.run();
    Map<String, INDArray> results = new LinkedHashMap<>();
    gradients.forEach((name, value) -> results.put(name, value.array()));
    return results;
  }

  private static void assign(String what, Value value, INDArray array) {
    boolean scalars = value.length() == 1 && array.length() == 1;
    if (!scalars && !Arrays.equals(value.shape, array.shape())) {
      throw new IllegalArgumentException(
          what
              + " has shape "
              + Arrays.toString(array.shape())
              + "; this plan is for "
              + Arrays.toString(value.shape));
    }
    if (scalars) {
      value.array().assign(array.getDouble(0));
    } else {
      value.array().assign(array);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(
          "this plan is closed; ask the engine for it before each use, it keeps the last few");
    }
  }

  /**
   * Memory that a forward and a backward pass need and the next ones reuse.
   *
   * @return bytes, without weights and the outputs that the caller is given
   */
  public long arenaBytes() {
    return arena.byteSize();
  }

  /**
   * Operations of the forward pass.
   *
   * @return how many run, without those that were computed or turned into views beforehand
   */
  public int forwardSteps() {
    return forwardSteps.size();
  }

  /**
   * Operations of the backward pass.
   *
   * @return how many run
   */
  public int backwardSteps() {
    return backwardSteps.size();
  }

  /**
   * What the forward pass does and needs; with times, if the engine profiles and it has run.
   *
   * @return a description; the memory is that of both passes
   */
  public PlanDescription describeForward() {
    return forwardSteps.describe(arena.byteSize(), weightBytes);
  }

  /**
   * What the backward pass does and needs; with times, if the engine profiles and it has run.
   *
   * @return a description; the memory is that of both passes
   */
  public PlanDescription describeBackward() {
    return backwardSteps.describe(arena.byteSize(), weightBytes);
  }

  void close() {
    closed = true;
    forwardSteps.close();
    backwardSteps.close();
    constants.forEach(INDArray::close);
    arena.close();
  }
}
