package io.github.microsam.engine;

import io.github.microsam.engine.KernelProvider.Spec;
import io.github.microsam.engine.KernelProvider.Template;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;

/**
 * Compiles a graph for given input shapes: chooses kernels for regions, orders the rest, finds how
 * long each result lives, and places the results in an {@link Arena}. Used once.
 */
final class PlanCompiler {
  private final SameDiff graph;
  private final Regions regions;
  private final List<KernelProvider> providers;
  private final Map<String, long[]> inputShapes;
  private final ShapeInference shapes;
  private final Set<String> hasToRun = new HashSet<>();
  private final List<Storage> storages = new ArrayList<>();
  private final List<Supplier<Step>> scheduled = new ArrayList<>();

  PlanCompiler(
      SameDiff graph,
      Regions regions,
      List<KernelProvider> providers,
      Map<String, long[]> inputShapes) {
    this.graph = graph;
    this.regions = regions;
    this.providers = providers;
    this.inputShapes = inputShapes;
    shapes = new ShapeInference(graph, inputShapes);
  }

  Plan compile(List<String> outputs) {
    Set<String> needed = neededFor(outputs);
    // Operations are listed in the order in which the graph was built: inputs come before users.
    List<SameDiffOp> ordered =
        graph.getOps().values().stream().filter(op -> needed.contains(op.getName())).toList();
    for (SameDiffOp op : ordered) {
      if (shapes.infer(op)) {
        hasToRun.add(op.getName());
      }
    }
    Map<String, Value> inputs = new LinkedHashMap<>();
    for (String name : inputShapes.keySet()) {
      Value input = shapes.value(name);
      storages.add(input.allocate(0));
      inputs.put(name, input);
    }
    schedule(ordered, new RegionChoice(graph, needed, outputs));
    Map<String, Value> results = new LinkedHashMap<>();
    for (String name : outputs) {
      Value v = shapes.value(name);
      use(v, scheduled.size());
      results.put(name, v);
    }
    Arena arena = new Arena(storages);
    List<Step> steps = scheduled.stream().map(Supplier::get).toList();
    return new Plan(inputs, results, steps, arena, shapes.owned());
  }

  private Set<String> neededFor(List<String> outputs) {
    Set<String> needed = new HashSet<>();
    List<String> open = new ArrayList<>(outputs);
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      if (!graph.hasVariable(name)) {
        throw new IllegalArgumentException("the graph has no variable " + name);
      }
      String producer = RegionChoice.producer(graph, name);
      if (producer == null) {
        if (graph.getVariable(name).isPlaceHolder() && !inputShapes.containsKey(name)) {
          throw new IllegalArgumentException(
              "input " + name + " is missing; given are " + inputShapes.keySet());
        }
        continue;
      }
      SameDiffOp op = graph.getOps().get(producer);
      if (needed.add(producer) && op.getInputsToOp() != null) {
        open.addAll(op.getInputsToOp());
      }
    }
    return needed;
  }

  private void schedule(List<SameDiffOp> ordered, RegionChoice choice) {
    Map<String, Fusion> fusions = fusions(choice);
    for (SameDiffOp op : ordered) {
      Fusion fusion = fusions.get(op.getName());
      if (fusion == null) {
        if (hasToRun.contains(op.getName())) {
          scheduleOperation(op);
        }
      } else if (op.getName().equals(fusion.last)) {
        scheduleKernel(fusion);
      }
    }
  }

  /**
   * Which kernel takes an operation's place: of the regions it lies in, the largest that has one.
   */
  private Map<String, Fusion> fusions(RegionChoice choice) {
    List<Fusion> candidates = new ArrayList<>();
    for (Region region : regions.all()) {
      Set<String> inside = choice.operations(region);
      if (!inside.isEmpty()) {
        kernel(region)
            .ifPresent(
                template -> candidates.add(new Fusion(region, inside, producer(region), template)));
      }
    }
    candidates.sort(Comparator.comparingInt((Fusion f) -> -f.inside.size()));
    Map<String, Fusion> fusions = new HashMap<>();
    for (Fusion f : candidates) {
      if (f.inside.stream().noneMatch(fusions::containsKey)) {
        f.inside.forEach(op -> fusions.put(op, f));
      }
    }
    return fusions;
  }

  private record Fusion(Region region, Set<String> inside, String last, Template template) {}

  private String producer(Region region) {
    String name = region.output().name();
    return RegionChoice.producer(graph, name);
  }

  private Optional<Template> kernel(Region region) {
    List<Spec> inputs =
        shapes.values(region.inputNames()).stream().map(PlanCompiler::spec).toList();
    Spec output = spec(shapes.value(region.output().name()));
    return providers.stream().flatMap(p -> p.kernel(region, inputs, output).stream()).findFirst();
  }

  private static Spec spec(Value v) {
    return new Spec(v.dataType, Arrays.stream(v.shape).boxed().toList());
  }

  private void scheduleOperation(SameDiffOp op) {
    int step = scheduled.size();
    List<Value> inputs = shapes.values(op.getInputsToOp());
    List<Value> outputs = shapes.values(op.getOutputsOfOp());
    inputs.forEach(v -> use(v, step));
    outputs.forEach(v -> storages.add(v.allocate(step)));
    scheduled.add(
        () ->
            new OpStep(
                op.getName(),
                op.getOp(),
                inputs.stream().map(Value::array).toList(),
                outputs.stream().map(Value::array).toList()));
  }

  private void scheduleKernel(Fusion fusion) {
    int step = scheduled.size();
    List<Value> inputs = shapes.values(fusion.region.inputNames());
    Value output = shapes.value(fusion.region.output().name());
    Value scratch = scratch(fusion.template.scratch(), output, step);
    inputs.forEach(v -> use(v, step));
    // The region may end in a reshape, which is a view of something inside: the kernel needs memory
    // of its own.
    Value own = output.detached();
    storages.add(own.allocate(step));
    scheduled.add(
        () ->
            new KernelStep(
                fusion.region,
                fusion.template.bind(
                    inputs.stream().map(Value::array).toList(),
                    own.array(),
                    scratch == null ? null : scratch.array())));
  }

  private Value scratch(long length, Value output, int step) {
    if (length == 0) {
      return null;
    }
    Value scratch = Value.result(output.dataType, length);
    storages.add(scratch.allocate(step));
    return scratch;
  }

  private static void use(Value v, int step) {
    if (v.isResult()) {
      v.storage().lastStep = step;
    }
  }
}
