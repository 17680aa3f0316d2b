package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;

/**
 * The operations of a graph that some outputs need, and after them those of their gradient, in a
 * graph of its own. Variables have the names and the very arrays of the original, which is left as
 * it was. Used once.
 *
 * <p>The gradient is taken in reverse, as SameDiff does it, but only towards what it is wanted for,
 * so that frozen parts cost nothing, and for given shapes.
 */
final class Tape {
  private final SameDiff graph;
  private final SameDiff sd = SameDiff.create();
  private final List<SameDiffOp> forward;

  /** Contributions to the gradient with respect to a variable, from each of its readers so far. */
  private final Map<String, List<SDVariable>> contributions = new HashMap<>();

  /**
   * Copies operations.
   *
   * @param graph the original
   * @param ordered its operations that are needed
   * @param outputs variables that must be there even if none of the operations has to do with them
   */
  Tape(SameDiff graph, List<SameDiffOp> ordered, Collection<String> outputs) {
    this.graph = graph;
    outputs.forEach(this::copyVariable);
    for (SameDiffOp op : ordered) {
      DifferentialFunction function = op.getOp();
      List<String> inputs = op.getInputsToOp() == null ? List.of() : op.getInputsToOp();
      inputs.forEach(this::copyVariable);
      op.getOutputsOfOp().forEach(this::copyVariable);
      sd.addArgsFor(inputs.toArray(String[]::new), function);
      sd.addOutgoingFor(op.getOutputsOfOp().toArray(String[]::new), function);
    }
    forward = operations();
  }

  private void copyVariable(String name) {
    if (sd.hasVariable(name)) {
      return;
    }
    SDVariable copy = sd.addVariable(graph.getVariable(name).clone(sd));
    VariableType type = copy.getVariableType();
    if (type == VariableType.VARIABLE || type == VariableType.CONSTANT) {
      sd.associateArrayWithVariable(graph.getArrForVarName(name), copy);
    }
  }

  /** The graph. */
  SameDiff graph() {
    return sd;
  }

  /** The operations that were copied, each after those that it reads. */
  List<SameDiffOp> forward() {
    return forward;
  }

  /** All operations so far, each after those that it reads. */
  List<SameDiffOp> operations() {
    return List.copyOf(sd.getOps().values());
  }

  /**
   * Adds a placeholder for the gradient with respect to an output, given from outside.
   *
   * @return its name
   */
  String seed(String output, long[] shape) {
    String name = output + "-seed";
    while (sd.hasVariable(name)) {
      name += "_";
    }
    contribute(output, sd.placeHolder(name, sd.getVariable(output).dataType(), shape));
    return name;
  }

  /** Variables that change with others, which are among them. */
  Set<String> dependingOn(Collection<String> targets) {
    return DependenceOn.variables(sd, forward, targets);
  }

  /**
   * Adds the gradient, from the seeds backward.
   *
   * @param targets what it is taken with respect to
   * @param moving all variables that depend on the targets
   * @param shapes shapes of all variables so far
   * @param regions what is differentiated as a whole
   * @return names of the gradients by target, without targets on which no seeded output depends
   */
  Map<String, String> differentiate(
      Collection<String> targets,
      Set<String> moving,
      ShapeInference shapes,
      RegionGradients regions) {
    GradientRules rules = new GradientRules(sd, shapes);
    for (int i = forward.size() - 1; i >= 0; i--) {
      SameDiffOp op = forward.get(i);
      Region region = regions.endingIn(op.getName());
      if (region != null) {
        if (contributions.containsKey(region.output().name())) {
          regions.add(op.getName(), gradient(region.output().name())).forEach(this::contribute);
        }
      } else if (!regions.contains(op.getName())
          && op.getOutputsOfOp().stream()
              .anyMatch(r -> moving.contains(r) && contributions.containsKey(r))) {
        differentiate(op, rules, moving);
      }
    }
    Map<String, String> gradients = new LinkedHashMap<>();
    for (String target : targets) {
      SDVariable gradient = gradient(target);
      if (gradient != null) {
        gradients.put(target, gradient.name());
      }
    }
    return gradients;
  }

  private void differentiate(SameDiffOp op, GradientRules rules, Set<String> moving) {
    List<SDVariable> after = new ArrayList<>();
    for (String result : op.getOutputsOfOp()) {
      after.add(gradient(result));
    }
    List<String> inputs = op.getInputsToOp();
    boolean[] wanted = new boolean[inputs.size()];
    for (int k = 0; k < wanted.length; k++) {
      wanted[k] = moving.contains(inputs.get(k));
    }
    List<SDVariable> before = rules.apply(op, after, wanted);
    for (int k = 0; k < wanted.length && k < before.size(); k++) {
      if (wanted[k]) {
        contribute(inputs.get(k), before.get(k));
      }
    }
  }

  private void contribute(String variable, SDVariable gradient) {
    contributions.computeIfAbsent(variable, v -> new ArrayList<>()).add(gradient);
  }

  /** The sum of all contributions; null if the variable does not influence any output. */
  private SDVariable gradient(String variable) {
    List<SDVariable> parts = contributions.get(variable);
    if (parts == null) {
      return null;
    }
    // One after the other: it is far faster than ND4J's sum of many.
    SDVariable sum = parts.get(0);
    for (SDVariable part : parts.subList(1, parts.size())) {
      sum = sum.add(part);
    }
    contributions.put(variable, List.of(sum));
    return sum;
  }
}
