package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.BaseOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.transforms.same.Identity;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Finds the shape of every variable for given input shapes, computes what is constant, and turns
 * reshapes into views. Used once.
 */
final class ShapeInference {
  /** Operations that look at the shape of their input only. */
  private static final Set<String> SHAPE_ONLY = Set.of("shape_of", "size", "size_at", "rank");

  /** Operations whose result is their first input under another shape. */
  private static final Set<String> RESHAPES =
      Set.of("reshape", "expand_dims", "squeeze", "identity");

  private final SameDiff graph;
  private final Map<String, Value> values = new HashMap<>();
  private final List<INDArray> owned = new ArrayList<>();

  ShapeInference(SameDiff graph, Map<String, long[]> inputShapes) {
    this.graph = graph;
    inputShapes.forEach(this::input);
  }

  /** Adds a placeholder. */
  void input(String name, long[] shape) {
    values.put(
        name,
        Value.result(LongShapeDescriptor.fromShape(shape, graph.getVariable(name).dataType())));
  }

  /** Whether an operation gives its first input under another shape. */
  static boolean isReshape(String kind) {
    return RESHAPES.contains(kind);
  }

  /** What a variable is; its operation must have been inferred. */
  Value value(String name) {
    return values.computeIfAbsent(
        name,
        n ->
            graph.getVariable(n).getVariableType() == VariableType.CONSTANT
                ? Value.constant(graph.getArrForVarName(n))
                : Value.weight(graph.getArrForVarName(n)));
  }

  List<Value> values(List<String> names) {
    return names == null ? List.of() : names.stream().map(this::value).toList();
  }

  /** Arrays of constants that were computed, which the plan owns. */
  List<INDArray> owned() {
    return owned;
  }

  /**
   * Infers operations.
   *
   * @param ordered each after those that it reads
   * @return names of those that have to run; the results of the others are constants or views
   */
  Set<String> infer(Collection<SameDiffOp> ordered) {
    Set<String> hasToRun = new HashSet<>();
    for (SameDiffOp op : ordered) {
      if (infer(op)) {
        hasToRun.add(op.getName());
      }
    }
    return hasToRun;
  }

  /**
   * Infers one operation whose inputs have been inferred.
   *
   * @return whether the operation has to run; false if its results are constants or views
   */
  private boolean infer(SameDiffOp op) {
    if (op.getOp() instanceof RegionGradient gradient) {
      for (int i = 0; i < gradient.results().size(); i++) {
        KernelProvider.Spec spec = gradient.results().get(i);
        long[] shape = spec.shape().stream().mapToLong(Long::longValue).toArray();
        values.put(
            op.getOutputsOfOp().get(i),
            Value.result(LongShapeDescriptor.fromShape(shape, spec.dataType())));
      }
      return true;
    }
    List<Value> inputs = values(op.getInputsToOp());
    List<String> outputs = op.getOutputsOfOp();
    String kind = op.getOp().opName();
    boolean constant = SHAPE_ONLY.contains(kind) || inputs.stream().allMatch(v -> v.constant);
    try (OpStep.Context context =
        new OpStep.Context(op.getOp(), inputs.stream().map(Value::shapeOnly).toList())) {
      List<LongShapeDescriptor> shapes = outputShapes(op, context.get());
      if (constant) {
        compute(op, context, shapes);
        return false;
      }
      if (RESHAPES.contains(kind)) {
        values.put(outputs.get(0), inputs.get(0).reshaped(shapes.get(0).getShape()));
        return false;
      }
      for (int i = 0; i < shapes.size(); i++) {
        values.put(outputs.get(i), Value.result(shapes.get(i)));
      }
      return true;
    }
  }

  private void compute(SameDiffOp op, OpStep.Context context, List<LongShapeDescriptor> shapes) {
    for (int i = 0; i < shapes.size(); i++) {
      INDArray result = Nd4j.create(shapes.get(i));
      owned.add(result);
      context.get().setOutputArray(i, result);
      values.put(op.getOutputsOfOp().get(i), Value.constant(result));
    }
    context.run();
  }

  private List<LongShapeDescriptor> outputShapes(SameDiffOp op, OpContext context) {
    DifferentialFunction f = op.getOp();
    List<LongShapeDescriptor> shapes;
    if (f instanceof Identity) {
      shapes = List.of(context.getInputArray(0).shapeDescriptor());
    } else if (f instanceof DynamicCustomOp custom) {
      shapes = custom.calculateOutputShape(context);
    } else if (f instanceof BaseOp legacy) {
      shapes = legacy.calculateOutputShape(context);
    } else {
      throw new UnsupportedOperationException(
          "this engine cannot run " + op.getName() + " (" + f.opName() + ")");
    }
    List<String> outputs = op.getOutputsOfOp();
    if (shapes.size() != outputs.size()) {
      throw new IllegalStateException(
          op.getName() + " has " + outputs.size() + " outputs, but ND4J gives shapes " + shapes);
    }
    List<LongShapeDescriptor> typed = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      // Some operations can give several types; the graph knows which one it wants.
      typed.add(shapes.get(i).asDataType(graph.getVariable(outputs.get(i)).dataType()));
    }
    return typed;
  }
}
