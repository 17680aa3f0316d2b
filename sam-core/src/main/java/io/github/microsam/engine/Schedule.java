package io.github.microsam.engine;

import io.github.microsam.engine.KernelProvider.Spec;
import io.github.microsam.engine.KernelProvider.StepTemplate;
import io.github.microsam.engine.KernelProvider.Template;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What runs when, while it is being compiled: steps in order, and for every result the steps
 * between which it lives. The steps themselves are made when their memory is placed.
 */
final class Schedule {
  /** After all steps. */
  static final int END = Integer.MAX_VALUE;

  private final SameDiff graph;
  private final Regions regions;
  private final List<KernelProvider> providers;
  private final ShapeInference shapes;
  private final List<Supplier<Step>> scheduled = new ArrayList<>();
  private final List<Access> accesses = new ArrayList<>();
  private final List<StepEstimate> estimates = new ArrayList<>();
  private final Map<Storage, Integer> given = new LinkedHashMap<>();
  private final Map<Storage, Integer> kept = new LinkedHashMap<>();
  private final IdentityHashMap<INDArray, Long> weights = new IdentityHashMap<>();

  Schedule(SameDiff graph, Regions regions, List<KernelProvider> providers, ShapeInference shapes) {
    this.graph = graph;
    this.regions = regions;
    this.providers = providers;
    this.shapes = shapes;
  }

  /** Memory that a step reads, and that it writes. */
  record Access(List<Storage> reads, List<Storage> writes) {}

  /** Steps so far. */
  int size() {
    return scheduled.size();
  }

  /** Memory that is written from outside before the next step. */
  Value input(String name) {
    Value input = shapes.value(name);
    given.put(input.allocate(), scheduled.size());
    return input;
  }

  /** Keeps a value until after a step of the forward pass, or until the {@link #END}. */
  Value keep(String name, int step) {
    Value v = shapes.value(name);
    if (v.isResult()) {
      kept.merge(v.storage(), step, Math::max);
    }
    return v;
  }

  /** All steps in the order in which they were added. */
  List<Integer> order() {
    return IntStream.range(0, size()).boxed().toList();
  }

  /**
   * In what order they run if what the backward pass reads is computed again.
   *
   * @param cut how many steps are the forward pass
   */
  List<Integer> recomputing(int cut) {
    return Recomputation.order(accesses, cut);
  }

  /** Steps with their arrays in place, of which some may run again. */
  StepSequence steps(List<Integer> order, EngineOptions options) {
    List<Step> once = scheduled.stream().map(Supplier::get).toList();
    List<Step> steps = new ArrayList<>();
    Set<Integer> before = new HashSet<>();
    for (int i : order) {
      steps.add(before.add(i) ? once.get(i) : new RepeatedStep(once.get(i)));
    }
    return new StepSequence(steps, order.stream().map(estimates::get).toList(), options);
  }

  /**
   * Memory for everything that is scheduled.
   *
   * @param order in which the steps run
   * @param shared memory that other plans use too; null for memory of its own
   * @throws PlanTooLargeException if there is not enough
   */
  Arena arena(List<Integer> order, SharedMemory shared) {
    return new Arena(storages(order), weightBytes(), shared);
  }

  /**
   * How much memory that is, taking none.
   *
   * @param order in which the steps run
   */
  long arenaBytes(List<Integer> order) {
    return Arena.measure(storages(order));
  }

  private List<Storage> storages(List<Integer> order) {
    given.forEach((storage, step) -> storage.write(step));
    Set<Storage> storages = new LinkedHashSet<>();
    storages.addAll(given.keySet());
    for (int time = 0; time < order.size(); time++) {
      Access access = accesses.get(order.get(time));
      for (Storage s : access.writes) {
        s.write(time);
        storages.add(s);
      }
      for (Storage s : access.reads) {
        s.read(time);
      }
      readKept(time, time);
    }
    readKept(END, order.size());
    return List.copyOf(storages);
  }

  /** What is kept until after a step is read then. */
  private void readKept(int step, int time) {
    kept.forEach(
        (storage, until) -> {
          if (until == step) {
            storage.read(time);
          }
        });
  }

  /** Size of the graph's arrays that the steps read. */
  long weightBytes() {
    return weights.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Adds operations, and kernels in the place of regions.
   *
   * @param ordered operations, each after those that it reads
   * @param hasToRun names of those that are neither constants nor views
   * @param choice which regions can be replaced
   */
  void add(Collection<SameDiffOp> ordered, Set<String> hasToRun, RegionChoice choice) {
    Map<String, Fusion> fusions = fusions(choice);
    for (SameDiffOp op : ordered) {
      Fusion fusion = fusions.get(op.getName());
      if (fusion == null) {
        if (hasToRun.contains(op.getName())) {
          addOperation(op, choice);
        }
      } else if (op.getName().equals(fusion.last)) {
        addKernel(fusion);
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
        fusion(region, inside, choice.isObserved(region, inside)).ifPresent(candidates::add);
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

  /** A kernel in the place of operations; with observables if it is the second kind of template. */
  private record Fusion(
      Region region, Set<String> inside, String last, Template template, StepTemplate observed) {}

  private Optional<Fusion> fusion(Region region, Set<String> inside, boolean isObserved) {
    List<Spec> inputs = shapes.values(region.inputNames()).stream().map(Schedule::spec).toList();
    List<Spec> outputs = outputs(region).stream().map(Schedule::spec).toList();
    String last = producer(region);
    return isObserved
        ? providers.stream()
            .flatMap(p -> p.observedKernel(region, inputs, outputs).stream())
            .findFirst()
            .map(t -> new Fusion(region, inside, last, null, t))
        : providers.stream()
            .flatMap(p -> p.kernel(region, inputs, outputs.get(0)).stream())
            .findFirst()
            .map(t -> new Fusion(region, inside, last, t, null));
  }

  /** What a region gives, then what may be observed inside it. */
  private List<Value> outputs(Region region) {
    List<Value> outputs = new ArrayList<>(List.of(shapes.value(region.output().name())));
    region.observables().forEach(v -> outputs.add(shapes.value(v.name())));
    return outputs;
  }

  private String producer(Region region) {
    String name = region.output().name();
    return RegionChoice.producer(graph, name);
  }

  static Spec spec(Value v) {
    return new Spec(v.dataType, Arrays.stream(v.shape).boxed().toList());
  }

  private void addOperation(SameDiffOp op, RegionChoice choice) {
    List<Value> inputs = shapes.values(op.getInputsToOp());
    List<Value> outputs = shapes.values(op.getOutputsOfOp());
    List<Boolean> read = op.getOutputsOfOp().stream().map(choice::isRead).toList();
    if (op.getOp() instanceof RegionGradient gradient) {
      List<Value> expected = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        while (expected.size() < gradient.positions().get(i)) {
          expected.add(null);
        }
        expected.add(inputs.get(i));
      }
      String name = gradient.region().output().name();
      String kind = gradient.region().kind() + "-grad";
      addStep(
          name,
          kind,
          gradient.operations(),
          gradient.kernel(),
          expected,
          outputs,
          gradient.wanted());
      return;
    }
    Operation operation =
        Operation.of(
            op.getOp(),
            inputs.stream().map(Schedule::spec).toList(),
            outputs.stream().map(Schedule::spec).toList(),
            read);
    Optional<StepTemplate> template =
        providers.stream().flatMap(p -> p.kernel(operation).stream()).findFirst();
    if (template.isPresent()) {
      addStep(op.getName(), operation.name(), List.of(op), template.get(), inputs, outputs, read);
      return;
    }
    access(inputs, outputs);
    estimate(op.getName(), op.getOp().opName(), List.of(op), inputs, outputs);
    scheduled.add(
        () ->
            new OpStep(
                op.getName(),
                op.getOp(),
                inputs.stream().map(Value::array).toList(),
                outputs.stream().map(Value::array).toList()));
  }

  /**
   * Adds a kernel of several results.
   *
   * @param replaced the stock operations whose place it takes, or whose gradient it computes
   * @param inputs null where the kernel does not look
   * @param given which of the outputs it gives
   */
  private void addStep(
      String name,
      String kind,
      List<SameDiffOp> replaced,
      StepTemplate template,
      List<Value> inputs,
      List<Value> outputs,
      List<Boolean> given) {
    List<Value> known = inputs.stream().filter(Objects::nonNull).toList();
    estimate(name, kind, replaced, known, outputs);
    List<Value> read = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i) != null && template.reads(i)) {
        read.add(inputs.get(i));
      }
    }
    List<Value> written = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      if (given.get(i)) {
        written.add(outputs.get(i));
      }
    }
    Value scratch = scratch(template.scratch(), outputs.get(0));
    if (scratch != null) {
      written.add(scratch);
    }
    access(read, written);
    scheduled.add(
        () -> {
          List<INDArray> from = new ArrayList<>();
          for (int i = 0; i < inputs.size(); i++) {
            Value v = inputs.get(i);
            from.add(v != null && template.reads(i) ? v.array() : null);
          }
          List<INDArray> to = new ArrayList<>();
          for (int i = 0; i < outputs.size(); i++) {
            to.add(given.get(i) ? outputs.get(i).array() : null);
          }
          return new KernelStep(
              name + " [" + kind + "]",
              template.bind(from, to, scratch == null ? null : scratch.array()));
        });
  }

  private void addKernel(Fusion fusion) {
    List<Value> inputs = shapes.values(fusion.region.inputNames());
    Region region = fusion.region;
    List<SameDiffOp> replaced = fusion.inside.stream().map(graph.getOps()::get).toList();
    if (fusion.observed != null) {
      List<Value> outputs = outputs(region);
      outputs.forEach(Value::detached);
      List<Boolean> all = Collections.nCopies(outputs.size(), true);
      addStep(
          region.output().name(), region.kind(), replaced, fusion.observed, inputs, outputs, all);
      return;
    }
    Value output = shapes.value(fusion.region.output().name());
    Value scratch = scratch(fusion.template.scratch(), output);
    // The region may end in a reshape, which is a view of something inside: the kernel needs memory
    // of its own.
    Value own = output.detached();
    access(inputs, scratch == null ? List.of(own) : List.of(own, scratch));
    estimate(region.output().name(), region.kind(), replaced, inputs, List.of(output));
    scheduled.add(
        () ->
            new KernelStep(
                region.output().name() + " [" + region.kind() + "]",
                fusion.template.bind(
                    inputs.stream().map(Value::array).toList(),
                    own.array(),
                    scratch == null ? null : scratch.array())));
  }

  private static Value scratch(long length, Value output) {
    return length == 0 ? null : Value.result(output.dataType, length);
  }

  private void estimate(
      String name,
      String kind,
      List<SameDiffOp> operations,
      List<Value> inputs,
      List<Value> outputs) {
    long flops = 0;
    for (SameDiffOp op : operations) {
      flops +=
          StepEstimate.flops(
              op, shapes.values(op.getInputsToOp()), shapes.values(op.getOutputsOfOp()));
    }
    long bytes = StepEstimate.bytes(inputs) + StepEstimate.bytes(outputs);
    estimates.add(new StepEstimate(name, kind, flops, bytes));
  }

  /** Notes what the next step reads, and gives what it writes its memory. */
  private void access(List<Value> read, List<Value> written) {
    List<Storage> reads = new ArrayList<>();
    for (Value v : read) {
      if (v.isResult()) {
        reads.add(v.storage());
      } else if (!v.constant) {
        weights.put(v.array(), v.length() * v.dataType.width());
      }
    }
    accesses.add(new Access(reads, written.stream().map(Value::allocate).toList()));
  }
}
