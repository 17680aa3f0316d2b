package io.github.microsam.engine;

import io.github.microsam.engine.KernelProvider.Spec;
import io.github.microsam.engine.KernelProvider.StepTemplate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The regions of a graph whose gradients kernels compute as a whole, so that nothing inside them is
 * kept from the forward pass.
 */
final class RegionGradients {
  private final SameDiff sd;
  private final ShapeInference shapes;
  private final Map<String, Unit> byOperation = new HashMap<>();

  /** A region that is differentiated as one. */
  private record Unit(
      Region region,
      Set<String> inside,
      String last,
      List<Spec> inputs,
      List<Boolean> wanted,
      StepTemplate kernel) {}

  /**
   * Chooses.
   *
   * @param sd the graph
   * @param regions its regions
   * @param providers who may have kernels
   * @param shapes shapes of its variables
   * @param choice which regions stand alone
   * @param moving variables that gradients go to or pass through
   */
  RegionGradients(
      SameDiff sd,
      Regions regions,
      List<KernelProvider> providers,
      ShapeInference shapes,
      RegionChoice choice,
      Set<String> moving) {
    this.sd = sd;
    this.shapes = shapes;
    List<Unit> candidates = new ArrayList<>();
    for (Region region : regions.all()) {
      if (!moving.contains(region.output().name())) {
        continue;
      }
      Set<String> inside = choice.operations(region);
      if (!inside.isEmpty()) {
        unit(region, inside, providers, moving).ifPresent(candidates::add);
      }
    }
    candidates.sort(Comparator.comparingInt((Unit u) -> -u.inside.size()));
    for (Unit unit : candidates) {
      if (unit.inside.stream().noneMatch(byOperation::containsKey)) {
        unit.inside.forEach(op -> byOperation.put(op, unit));
      }
    }
  }

  private Optional<Unit> unit(
      Region region, Set<String> inside, List<KernelProvider> providers, Set<String> moving) {
    List<Spec> inputs = shapes.values(region.inputNames()).stream().map(Schedule::spec).toList();
    Spec output = Schedule.spec(shapes.value(region.output().name()));
    List<Boolean> wanted = region.inputNames().stream().map(moving::contains).toList();
    return providers.stream()
        .flatMap(p -> p.gradient(region, inputs, output, wanted).stream())
        .findFirst()
        .map(
            kernel ->
                new Unit(
                    region,
                    inside,
                    RegionChoice.producer(sd, region.output().name()),
                    inputs,
                    wanted,
                    kernel));
  }

  /** Whether an operation lies in a region that is differentiated as one. */
  boolean contains(String operation) {
    return byOperation.containsKey(operation);
  }

  /** The region that an operation is the last one of; null if it is not. */
  Region endingIn(String operation) {
    Unit unit = byOperation.get(operation);
    return unit != null && unit.last.equals(operation) ? unit.region : null;
  }

  /**
   * Adds the gradient of a region to the graph.
   *
   * @param operation its last operation
   * @param g gradient with respect to its output
   * @return gradients by name of the input, as far as they are wanted
   */
  Map<String, SDVariable> add(String operation, SDVariable g) {
    Unit unit = byOperation.get(operation);
    List<SDVariable> all = new ArrayList<>(unit.region.inputs());
    all.addAll(unit.region.observables());
    all.add(unit.region.output());
    List<SDVariable> read = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i <= all.size(); i++) {
      if (unit.kernel.reads(i)) {
        read.add(i < all.size() ? sd.getVariable(all.get(i).name()) : g);
        positions.add(i);
      }
    }
    RegionGradient op =
        new RegionGradient(
            sd,
            unit.region,
            unit.kernel,
            read.toArray(SDVariable[]::new),
            positions,
            unit.inputs,
            unit.wanted,
            unit.inside.stream().map(sd.getOps()::get).toList());
    SDVariable[] results = op.outputVariables();
    Map<String, SDVariable> gradients = new HashMap<>();
    for (int i = 0; i < results.length; i++) {
      if (unit.wanted.get(i)) {
        gradients.put(unit.region.inputs().get(i).name(), results[i]);
      }
    }
    return gradients;
  }
}
