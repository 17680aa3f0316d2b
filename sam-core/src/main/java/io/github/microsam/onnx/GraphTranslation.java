package io.github.microsam.onnx;

import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Translates a SameDiff graph into operations of an ONNX graph. Weights keep their names.
 *
 * <p>Where ONNX has an operation for a whole region, that is used: runtimes have kernels for it.
 */
final class GraphTranslation {
  private final SameDiff graph;
  private final OnnxGraph target;
  private final Map<String, long[]> shapes;
  private final String prefix;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, Region> regions = new HashMap<>();

  /**
   * A translation into a graph.
   *
   * @param graph what is translated
   * @param regions parts of it
   * @param shapes of the variables, for some sizes of the inputs; only their ranks and the shapes
   *     of weights are relied on
   * @param target where its operations go
   * @param prefix what the names of its activations begin with
   * @param inputs the ONNX value for each placeholder that is needed
   */
  GraphTranslation(
      SameDiff graph,
      Regions regions,
      Map<String, long[]> shapes,
      OnnxGraph target,
      String prefix,
      Map<String, String> inputs) {
    this.graph = graph;
    this.shapes = shapes;
    this.target = target;
    this.prefix = prefix;
    names.putAll(inputs);
    for (Region region : regions.all()) {
      if (RegionOperations.knows(region.kind()) && isComplete(region)) {
        this.regions.put(producer(region.output().name()).getOwnName(), region);
      }
    }
  }

  /** Adds what the outputs need; {@link #value} then tells how they are called. */
  void add(Collection<String> outputs) {
    Set<String> needed = neededFor(outputs);
    // Operations are listed in the order in which the graph was built: inputs come before users.
    for (SameDiffOp op : graph.getOps().values()) {
      if (needed.contains(op.getName())) {
        Region region = regions.get(op.getName());
        if (region == null) {
          Operations.translate(op, this);
        } else {
          RegionOperations.translate(region, this);
        }
      }
    }
  }

  /** Name of a variable's value in the ONNX graph; it must have been translated. */
  String value(String variable) {
    String name = names.get(variable);
    if (name == null) {
      SDVariable v = graph.getVariable(variable);
      if (v.isPlaceHolder() || producer(variable) != null) {
        throw new IllegalStateException(variable + " is read before it is there");
      }
      name = target.initializer(variable, v.getArr());
      names.put(variable, name);
    }
    return name;
  }

  void define(String variable, String value) {
    names.put(variable, value);
  }

  OnnxGraph target() {
    return target;
  }

  SDVariable variable(String name) {
    return graph.getVariable(name);
  }

  DataType type(String variable) {
    return graph.getVariable(variable).dataType();
  }

  long[] shape(String variable) {
    long[] shape = shapes.get(variable);
    return shape == null ? graph.getVariable(variable).getShape() : shape;
  }

  /** How an activation should be called. */
  String wish(String variable) {
    return prefix + variable;
  }

  /** The operation that a variable comes out of; null for inputs, weights and constants. */
  SameDiffOp producing(String variable) {
    DifferentialFunction f = producer(variable);
    return f == null ? null : graph.getOps().get(f.getOwnName());
  }

  private DifferentialFunction producer(String variable) {
    return graph.getVariableOutputOp(variable);
  }

  private Set<String> neededFor(Collection<String> outputs) {
    Set<String> needed = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(outputs);
    while (!open.isEmpty()) {
      DifferentialFunction f = producer(open.pop());
      if (f != null && needed.add(f.getOwnName())) {
        Region region = regions.get(f.getOwnName());
        open.addAll(region == null ? inputs(f) : region.inputNames());
      }
    }
    return needed;
  }

  /** Whether nothing takes part in a region that is not among its inputs. */
  private boolean isComplete(Region region) {
    Set<String> seen = new HashSet<>(region.inputNames());
    Deque<String> open = new ArrayDeque<>(List.of(region.output().name()));
    while (!open.isEmpty()) {
      String name = open.pop();
      if (seen.add(name)) {
        DifferentialFunction f = producer(name);
        if (f == null && !graph.getVariable(name).isConstant()) {
          return false;
        }
        if (f != null) {
          open.addAll(inputs(f));
        }
      }
    }
    return true;
  }

  private List<String> inputs(DifferentialFunction f) {
    List<String> inputs = graph.getOps().get(f.getOwnName()).getInputsToOp();
    return inputs == null ? List.of() : inputs;
  }
}
