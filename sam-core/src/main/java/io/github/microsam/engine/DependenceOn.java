package io.github.microsam.engine;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;

/** Finds what changes with given variables, along paths of floating-point numbers. */
final class DependenceOn {
  private DependenceOn() {}

  /** Names of all variables that depend on the given ones, which are among them. */
  static Set<String> variables(
      SameDiff graph, List<SameDiffOp> ordered, Collection<String> causes) {
    Set<String> dependent = new HashSet<>(causes);
    for (SameDiffOp op : ordered) {
      if (op.getInputsToOp() != null && op.getInputsToOp().stream().anyMatch(dependent::contains)) {
        op.getOutputsOfOp().stream()
            .filter(name -> graph.getVariable(name).dataType().isFPType())
            .forEach(dependent::add);
      }
    }
    return dependent;
  }
}
