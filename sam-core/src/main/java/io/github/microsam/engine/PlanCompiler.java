package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Compiles a graph for given input shapes: finds the operations that the outputs need, chooses
 * kernels for regions, finds how long each result lives, and places the results in an {@link
 * Arena}. Used once.
 */
final class PlanCompiler {
  private final SameDiff graph;
  private final Regions regions;
  private final List<KernelProvider> providers;
  private final Map<String, long[]> inputShapes;
  private final EngineOptions options;

  PlanCompiler(
      SameDiff graph,
      Regions regions,
      List<KernelProvider> providers,
      Map<String, long[]> inputShapes,
      EngineOptions options) {
    this.graph = graph;
    this.regions = regions;
    this.providers = providers;
    this.inputShapes = inputShapes;
    this.options = options;
  }

  Plan compile(List<String> outputs) {
    List<SameDiffOp> ordered = neededFor(graph, outputs, inputShapes.keySet());
    ShapeInference shapes = new ShapeInference(graph, inputShapes);
    try {
      return compile(ordered, shapes, outputs);
    } catch (RuntimeException e) {
      shapes.owned().forEach(INDArray::close);
      throw e;
    }
  }

  private Plan compile(List<SameDiffOp> ordered, ShapeInference shapes, List<String> outputs) {
    Set<String> hasToRun = shapes.infer(ordered);
    Schedule schedule = new Schedule(graph, regions, providers, shapes);
    Map<String, Value> inputs = new LinkedHashMap<>();
    for (String name : inputShapes.keySet()) {
      inputs.put(name, schedule.input(name));
    }
    schedule.add(ordered, hasToRun, new RegionChoice(graph, ordered, outputs));
    Map<String, Value> results = new LinkedHashMap<>();
    for (String name : outputs) {
      results.put(name, schedule.keep(name, Schedule.END));
    }
    Arena arena = schedule.arena(schedule.order(), null);
    StepSequence steps = schedule.steps(schedule.order(), options);
    return new Plan(inputs, results, steps, arena, schedule.weightBytes(), shapes.owned());
  }

  /** Shapes of what is computed on the way to the outputs. */
  Map<String, long[]> shapes(List<String> outputs) {
    List<SameDiffOp> ordered = neededFor(graph, outputs, inputShapes.keySet());
    ShapeInference shapes = new ShapeInference(graph, inputShapes);
    Map<String, long[]> found = new LinkedHashMap<>();
    try {
      shapes.infer(ordered);
      for (SameDiffOp op : ordered) {
        op.getOutputsOfOp().forEach(name -> found.put(name, shapes.value(name).shape));
      }
    } finally {
      shapes.owned().forEach(INDArray::close);
    }
    return found;
  }

  /**
   * The operations that variables come out of, in the order in which the graph was built: inputs
   * come before users.
   *
   * @throws IllegalArgumentException if a variable or an input that it needs is not there
   */
  static List<SameDiffOp> neededFor(
      SameDiff graph, Collection<String> variables, Set<String> inputs) {
    Set<String> needed = new HashSet<>();
    List<String> open = new ArrayList<>(variables);
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      if (!graph.hasVariable(name)) {
        throw new IllegalArgumentException("the graph has no variable " + name);
      }
      String producer = RegionChoice.producer(graph, name);
      if (producer == null) {
        if (graph.getVariable(name).isPlaceHolder() && !inputs.contains(name)) {
          throw new IllegalArgumentException("input " + name + " is missing; given are " + inputs);
        }
        continue;
      }
      SameDiffOp op = graph.getOps().get(producer);
      if (needed.add(producer) && op.getInputsToOp() != null) {
        open.addAll(op.getInputsToOp());
      }
    }
    return graph.getOps().values().stream().filter(op -> needed.contains(op.getName())).toList();
  }
}
