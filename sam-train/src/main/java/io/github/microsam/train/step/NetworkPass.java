package io.github.microsam.train.step;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.GradientPlan;
import io.github.microsam.model.BatchCounters;
import io.github.microsam.train.optim.Gradients;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network forward and, once after each forward pass, backward. Gradients of its trained weights
 * are added to sums; those of its inputs are handed back.
 */
final class NetworkPass {
  private final Engine engine;
  private final List<String> outputs;
  private final BatchNorms norms;
  private final List<String> trained;
  private GradientPlan plan;

  /**
   * A pass.
   *
   * @param engine runs the network
   * @param outputs what it computes
   * @param trained keys of all trained weights; those that are none of this network's do not matter
   * @param prefixes of the keys that the outputs depend on
   * @param counters of the network's batch norms, which training passes advance
   */
  NetworkPass(
      Engine engine,
      List<String> outputs,
      Set<String> trained,
      List<String> prefixes,
      BatchCounters counters) {
    this.engine = engine;
    this.outputs = outputs;
    norms = new BatchNorms(engine, counters);
    this.trained =
        Parameters.of(engine).keySet().stream()
            .filter(trained::contains)
            .filter(key -> prefixes.stream().anyMatch(key::startsWith))
            .toList();
  }

  /** Whether it has weights that are trained. */
  boolean isTrained() {
    return !trained.isEmpty();
  }

  /**
   * The network's outputs, without a way back.
   *
   * @param inputs by name
   * @return arrays that the caller closes
   */
  Map<String, INDArray> infer(Map<String, INDArray> inputs) {
    return engine.run(inputs, outputs);
  }

  /**
   * The network's outputs; running averages follow the batch's statistics, and its batch norms
   * count it.
   *
   * @param inputs by name
   * @param wanted inputs whose gradients are wanted
   * @return arrays that the caller closes
   */
  Map<String, INDArray> forward(Map<String, INDArray> inputs, List<String> wanted) {
    List<String> targets = targets(wanted);
    if (targets.isEmpty() && norms.statistics().isEmpty()) {
      plan = null;
      return infer(inputs);
    }
    plan = engine.gradientPlan(inputs, outputs, norms.statistics(), targets);
    Map<String, INDArray> results = new LinkedHashMap<>(plan.forward(inputs));
    norms.update(results);
    return results;
  }

  private List<String> targets(List<String> wanted) {
    List<String> targets = new ArrayList<>(trained);
    targets.addAll(wanted);
    return targets;
  }

  /**
   * Memory for the intermediate results of a forward pass and its way back.
   *
   * @param inputs by name, of which the shapes count
   * @param wanted inputs whose gradients are wanted
   * @param taken whether it is taken for the steps that come, or only told
   * @return bytes
   */
  long arenaBytes(Map<String, INDArray> inputs, List<String> wanted, boolean taken) {
    List<String> targets = targets(wanted);
    if (targets.isEmpty() && norms.statistics().isEmpty()) {
      return engine.plan(inputs, outputs).arenaBytes();
    }
    return taken
        ? engine.gradientPlan(inputs, outputs, norms.statistics(), targets).arenaBytes()
        : engine.gradientBytes(inputs, outputs, norms.statistics(), targets);
  }

  /**
   * The way back of the last forward pass.
   *
   * @param seeds derivative of the loss with respect to outputs
   * @param sums takes the gradients of trained weights
   * @return gradients of the inputs that were wanted; the plan's, until the next forward pass
   */
  Map<String, INDArray> backward(Map<String, INDArray> seeds, Gradients sums) {
    if (plan == null) {
      return Map.of();
    }
    Map<String, INDArray> gradients = new LinkedHashMap<>(plan.backward(seeds));
    for (String key : trained) {
      INDArray gradient = gradients.remove(key);
      if (gradient != null) {
        sums.add(key, gradient);
      }
    }
    return gradients;
  }
}
