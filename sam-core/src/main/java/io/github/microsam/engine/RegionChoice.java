package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;

/**
 * Finds which operations a region is made of, and whether they can be replaced as a whole:
 * everything inside is needed, and nothing inside is read from outside.
 */
final class RegionChoice {
  private final SameDiff graph;
  private final Set<String> needed = new HashSet<>();
  private final Set<String> requested;
  private final Map<String, List<String>> consumers = new HashMap<>();

  /**
   * What a plan consists of.
   *
   * @param ordered the operations that it needs
   * @param requested variables that it gives to the caller
   */
  RegionChoice(SameDiff graph, Collection<SameDiffOp> ordered, Collection<String> requested) {
    this.graph = graph;
    this.requested = new HashSet<>(requested);
    for (SameDiffOp op : ordered) {
      needed.add(op.getName());
      if (op.getInputsToOp() != null) {
        for (String input : op.getInputsToOp()) {
          consumers.computeIfAbsent(input, n -> new ArrayList<>()).add(op.getName());
        }
      }
    }
  }

  /** Names of the operations of a region; empty if it cannot be replaced in this plan. */
  Set<String> operations(Region region) {
    Set<String> inputs = new HashSet<>(region.inputNames());
    Set<String> inside = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(List.of(region.output().name()));
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      String producer = producer(graph, name);
      if (inputs.contains(name)) {
        continue;
      }
      if (producer == null) {
        SDVariable given = graph.getVariable(name);
        if (given != null && given.isConstant()) {
          continue;
        }
        // What a kernel does not know of takes part, an adapter for instance; or the graph is that
        // of other outputs.
        return Set.of();
      }
      if (!needed.contains(producer)) {
        return Set.of();
      }
      List<String> read = graph.getOps().get(producer).getInputsToOp();
      if (inside.add(producer) && read != null) {
        open.addAll(read);
      }
    }
    return isSelfContained(region, inside) ? inside : Set.of();
  }

  /** Whether an operation of the plan reads a variable, or the caller is given it. */
  boolean isRead(String variable) {
    return requested.contains(variable) || consumers.containsKey(variable);
  }

  /** Whether something outside of a region reads one of its observables. */
  boolean isObserved(Region region, Set<String> inside) {
    return region.observables().stream().anyMatch(v -> isReadOutside(v.name(), inside));
  }

  private boolean isReadOutside(String variable, Set<String> inside) {
    return requested.contains(variable)
        || !inside.containsAll(consumers.getOrDefault(variable, List.of()));
  }

  private boolean isSelfContained(Region region, Set<String> inside) {
    Set<String> mayBeRead = new HashSet<>();
    mayBeRead.add(region.output().name());
    region.observables().forEach(v -> mayBeRead.add(v.name()));
    for (String op : inside) {
      for (String result : graph.getOps().get(op).getOutputsOfOp()) {
        if (!mayBeRead.contains(result) && isReadOutside(result, inside)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Name of the operation that a variable comes out of; null for inputs and weights. */
  static String producer(SameDiff graph, String variable) {
    DifferentialFunction op = graph.getVariableOutputOp(variable);
    return op == null ? null : op.getOwnName();
  }
}
