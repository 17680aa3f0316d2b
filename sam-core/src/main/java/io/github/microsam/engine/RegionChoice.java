package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;

/**
 * Finds which operations a region is made of, and whether they can be replaced as a whole:
 * everything inside is needed, and nothing inside is read from outside.
 */
final class RegionChoice {
  private final SameDiff graph;
  private final Set<SameDiffOp> needed;
  private final Set<String> requested;
  private final Map<String, List<SameDiffOp>> consumers = new HashMap<>();

  RegionChoice(SameDiff graph, Set<SameDiffOp> needed, Collection<String> requested) {
    this.graph = graph;
    this.needed = needed;
    this.requested = new HashSet<>(requested);
    for (SameDiffOp op : needed) {
      if (op.getInputsToOp() != null) {
        for (String input : op.getInputsToOp()) {
          consumers.computeIfAbsent(input, n -> new ArrayList<>()).add(op);
        }
      }
    }
  }

  /** The operations of a region; empty if it cannot be replaced in this plan. */
  Set<SameDiffOp> operations(Region region) {
    Set<String> inputs = new HashSet<>(region.inputNames());
    Set<SameDiffOp> inside = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(List.of(region.output().name()));
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      String producer = graph.getVariables().get(name).getOutputOfOp();
      if (inputs.contains(name) || producer == null) {
        continue;
      }
      SameDiffOp op = graph.getOps().get(producer);
      if (!needed.contains(op)) {
        return Set.of();
      }
      if (inside.add(op) && op.getInputsToOp() != null) {
        open.addAll(op.getInputsToOp());
      }
    }
    return isSelfContained(region, inside) ? inside : Set.of();
  }

  private boolean isSelfContained(Region region, Set<SameDiffOp> inside) {
    for (SameDiffOp op : inside) {
      for (String result : op.getOutputsOfOp()) {
        if (result.equals(region.output().name())) {
          continue;
        }
        if (requested.contains(result)
            || !inside.containsAll(consumers.getOrDefault(result, List.of()))) {
          return false;
        }
      }
    }
    return true;
  }
}
