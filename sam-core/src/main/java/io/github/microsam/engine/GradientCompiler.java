package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Compiles a graph and its gradient for given input shapes: one schedule over one arena, cut in
 * two. What the second part reads of the first one lives until then. Used once.
 */
final class GradientCompiler {
  private final SameDiff graph;
  private final Regions regions;
  private final List<KernelProvider> providers;
  private final Map<String, long[]> inputShapes;
  private final SharedMemory memory;
  private final EngineOptions options;

  GradientCompiler(
      SameDiff graph,
      Regions regions,
      List<KernelProvider> providers,
      Map<String, long[]> inputShapes,
      SharedMemory memory,
      EngineOptions options) {
    this.graph = graph;
    this.memory = memory;
    this.regions = regions;
    this.providers = providers;
    this.inputShapes = inputShapes;
    this.options = options;
  }

  /**
   * Compiles.
   *
   * @param outputs what the forward pass gives and the backward pass starts from
   * @param observed what the forward pass gives besides
   * @param targets what gradients are taken with respect to
   */
  GradientPlan compile(List<String> outputs, List<String> observed, List<String> targets) {
    Scheduled s = scheduled(outputs, observed, targets);
    Arena arena = s.schedule.arena(s.order, memory);
    return new GradientPlan(
        s.inputs,
        s.results,
        s.seeds,
        s.gradients,
        s.schedule.steps(s.order, options),
        s.cut,
        arena,
        s.schedule.weightBytes(),
        s.constants);
  }

  /** Memory for the arena of what {@link #compile} would give, taking none. */
  long arenaBytes(List<String> outputs, List<String> observed, List<String> targets) {
    Scheduled s = scheduled(outputs, observed, targets);
    try {
      return s.schedule.arenaBytes(s.order);
    } finally {
      s.constants.forEach(INDArray::close);
    }
  }

  /** A schedule whose results have no memory yet. */
  private record Scheduled(
      Map<String, Value> inputs,
      Map<String, Value> results,
      Map<String, Value> seeds,
      Map<String, Value> gradients,
      Schedule schedule,
      List<Integer> order,
      int cut,
      List<INDArray> constants) {}

  private Scheduled scheduled(List<String> outputs, List<String> observed, List<String> targets) {
    checkTargets(targets);
    List<String> given = new ArrayList<>(outputs);
    given.addAll(observed);
    Tape tape = new Tape(graph, PlanCompiler.neededFor(graph, given, inputShapes.keySet()), given);
    SameDiff sd = tape.graph();
    ShapeInference shapes = new ShapeInference(sd, inputShapes);
    Set<String> hasToRun = new HashSet<>(shapes.infer(tape.forward()));
    Map<String, String> seeds = new LinkedHashMap<>();
    for (String output : outputs) {
      long[] shape = shapes.value(output).shape;
      seeds.put(output, tape.seed(output, shape));
      shapes.input(seeds.get(output), shape);
    }
    Set<String> moving = tape.dependingOn(targets);
    RegionGradients whole =
        new RegionGradients(
            sd, regions, providers, shapes, new RegionChoice(sd, tape.forward(), outputs), moving);
    Map<String, String> gradients = tape.differentiate(targets, moving, shapes, whole);
    List<SameDiffOp> added =
        tape.operations().subList(tape.forward().size(), tape.operations().size());
    hasToRun.addAll(shapes.infer(added));
    return schedule(tape, shapes, hasToRun, given, seeds, gradients);
  }

  private void checkTargets(Collection<String> targets) {
    for (String name : targets) {
      SDVariable v = graph.getVariable(name);
      if (v == null || RegionChoice.producer(graph, name) != null || !v.dataType().isFPType()) {
        throw new IllegalArgumentException(
            "no gradient can be taken with respect to "
                + name
                + ": it is no variable or input of floating-point numbers of this graph");
      }
    }
  }

  private Scheduled schedule(
      Tape tape,
      ShapeInference shapes,
      Set<String> hasToRun,
      List<String> given,
      Map<String, String> seeds,
      Map<String, String> gradients) {
    SameDiff sd = tape.graph();
    Set<String> wanted = new HashSet<>(given);
    wanted.addAll(gradients.values());
    Set<String> placeholders = new HashSet<>(inputShapes.keySet());
    placeholders.addAll(seeds.values());
    List<SameDiffOp> needed = PlanCompiler.neededFor(sd, wanted, placeholders);
    Set<String> copied = new HashSet<>();
    tape.forward().forEach(op -> copied.add(op.getName()));

    Schedule schedule = new Schedule(sd, regions, providers, shapes);
    RegionChoice choice = new RegionChoice(sd, needed, wanted);
    Map<String, Value> inputs = inputs(schedule, inputShapes.keySet());
    schedule.add(
        needed.stream().filter(op -> copied.contains(op.getName())).toList(), hasToRun, choice);
    int cut = schedule.size();
    Map<String, Value> results = new LinkedHashMap<>();
    for (String name : given) {
      results.put(name, schedule.keep(name, cut - 1));
    }
    Map<String, Value> seedValues = new LinkedHashMap<>();
    seeds.forEach((output, name) -> seedValues.put(output, schedule.input(name)));
    schedule.add(
        needed.stream().filter(op -> !copied.contains(op.getName())).toList(), hasToRun, choice);
    Map<String, Value> gradientValues = new LinkedHashMap<>();
    gradients.forEach(
        (target, name) -> gradientValues.put(target, schedule.keep(name, Schedule.END)));
    List<Integer> order = options.recompute() ? schedule.recomputing(cut) : schedule.order();
    return new Scheduled(
        inputs, results, seedValues, gradientValues, schedule, order, cut, shapes.owned());
  }

  private static Map<String, Value> inputs(Schedule schedule, Collection<String> names) {
    Map<String, Value> inputs = new LinkedHashMap<>();
    names.forEach(name -> inputs.put(name, schedule.input(name)));
    return inputs;
  }
}
