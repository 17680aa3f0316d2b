package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
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
 * Compiles a graph for given input shapes: infers every shape, computes what is constant, turns
 * reshapes into views, finds how long each result lives, and places the results in an {@link
 * Arena}. Used once.
 */
final class PlanCompiler {
  /** Operations that look at the shape of their input only. */
  private static final Set<String> SHAPE_ONLY = Set.of("shape_of", "size", "size_at", "rank");

  /** Operations whose result is their first input under another shape. */
  private static final Set<String> RESHAPES =
      Set.of("reshape", "expand_dims", "squeeze", "identity", "flatten_2d");

  private final SameDiff graph;
  private final Map<String, long[]> inputShapes;
  private final Map<String, Value> values = new HashMap<>();
  private final List<Storage> storages = new ArrayList<>();
  private final List<INDArray> owned = new ArrayList<>();
  private final List<SameDiffOp> scheduled = new ArrayList<>();

  PlanCompiler(SameDiff graph, Map<String, long[]> inputShapes) {
    this.graph = graph;
    this.inputShapes = inputShapes;
  }

  Plan compile(List<String> outputs) {
    Set<SameDiffOp> needed = neededFor(outputs);
    Map<String, Value> inputs = new LinkedHashMap<>();
    for (String name : inputShapes.keySet()) {
      Value v =
          stored(
              LongShapeDescriptor.fromShape(
                  inputShapes.get(name), graph.getVariable(name).dataType()),
              0);
      values.put(name, v);
      inputs.put(name, v);
    }
    // Operations are listed in the order in which the graph was built, in which inputs come before
    // their users.
    for (SameDiffOp op : graph.getOps().values()) {
      if (needed.contains(op)) {
        schedule(op);
      }
    }
    Map<String, Value> results = new LinkedHashMap<>();
    for (String name : outputs) {
      Value v = value(name);
      if (v.storage != null) {
        v.storage.lastStep = scheduled.size();
      }
      results.put(name, v);
    }
    Arena arena = new Arena(storages);
    List<Step> steps = new ArrayList<>();
    for (SameDiffOp op : scheduled) {
      steps.add(
          new Step(
              op.getOp(),
              Step.context(op.getOp(), inputs(op).stream().map(Value::array).toList()),
              op.getOutputsOfOp().stream().map(n -> values.get(n).array()).toList()));
    }
    return new Plan(inputs, results, steps, arena, owned);
  }

  private Set<SameDiffOp> neededFor(List<String> outputs) {
    Set<SameDiffOp> needed = new HashSet<>();
    List<String> open = new ArrayList<>(outputs);
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      if (!graph.hasVariable(name)) {
        throw new IllegalArgumentException("the graph has no variable " + name);
      }
      String producer = graph.getVariables().get(name).getOutputOfOp();
      if (producer == null) {
        if (graph.getVariable(name).isPlaceHolder() && !inputShapes.containsKey(name)) {
          throw new IllegalArgumentException(
              "input " + name + " is missing; given are " + inputShapes.keySet());
        }
        continue;
      }
      SameDiffOp op = graph.getOps().get(producer);
      if (needed.add(op) && op.getInputsToOp() != null) {
        open.addAll(op.getInputsToOp());
      }
    }
    return needed;
  }

  private void schedule(SameDiffOp op) {
    List<Value> inputs = inputs(op);
    boolean constant =
        SHAPE_ONLY.contains(op.getOp().opName()) || inputs.stream().allMatch(v -> v.constant);
    List<INDArray> arrays = inputs.stream().map(Value::shapeOnly).toList();
    OpContext context = Step.context(op.getOp(), arrays);
    List<LongShapeDescriptor> shapes = outputShapes(op, context);
    if (constant) {
      List<INDArray> results = new ArrayList<>();
      for (int i = 0; i < shapes.size(); i++) {
        INDArray result = Nd4j.create(shapes.get(i));
        owned.add(result);
        results.add(result);
        values.put(op.getOutputsOfOp().get(i), Value.constant(result));
      }
      try (Step step = new Step(op.getOp(), context, results)) {
        step.run();
      }
      return;
    }
    close(context);
    Value first = inputs.isEmpty() ? null : inputs.get(0);
    if (RESHAPES.contains(op.getOp().opName()) && first != null && first.storage != null) {
      values.put(op.getOutputsOfOp().get(0), first.reshaped(shapes.get(0).getShape()));
      return;
    }
    int step = scheduled.size();
    for (Value v : inputs) {
      if (v.storage != null) {
        v.storage.lastStep = step;
      }
    }
    for (int i = 0; i < shapes.size(); i++) {
      values.put(op.getOutputsOfOp().get(i), stored(shapes.get(i), step));
    }
    scheduled.add(op);
  }

  private List<LongShapeDescriptor> outputShapes(SameDiffOp op, OpContext context) {
    DifferentialFunction f = op.getOp();
    List<LongShapeDescriptor> shapes;
    if (f instanceof DynamicCustomOp custom) {
      shapes = custom instanceof Identity ? List.of() : custom.calculateOutputShape(context);
      if (shapes.isEmpty() && custom instanceof Identity) {
        shapes = List.of(context.getInputArray(0).shapeDescriptor());
      }
    } else if (f instanceof BaseOp legacy) {
      shapes = legacy.calculateOutputShape(context);
    } else {
      throw new UnsupportedOperationException(
          "this engine cannot run "
              + f.opName()
              + " ("
              + op.getName()
              + "): control flow is not supported");
    }
    List<LongShapeDescriptor> result = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      // Some operations can give several types; the graph knows which one it wants.
      result.add(
          shapes.get(i).asDataType(graph.getVariable(op.getOutputsOfOp().get(i)).dataType()));
    }
    if (result.size() != op.getOutputsOfOp().size()) {
      throw new IllegalStateException(
          op.getName()
              + ": "
              + op.getOutputsOfOp().size()
              + " outputs, shapes "
              + Arrays.toString(result.toArray()));
    }
    return result;
  }

  private List<Value> inputs(SameDiffOp op) {
    return op.getInputsToOp() == null
        ? List.of()
        : op.getInputsToOp().stream().map(this::value).toList();
  }

  private Value value(String name) {
    return values.computeIfAbsent(
        name,
        n -> {
          SDVariable v = graph.getVariable(n);
          INDArray array = graph.getArrForVarName(n);
          return v.getVariableType() == VariableType.CONSTANT
              ? Value.constant(array)
              : Value.weight(array);
        });
  }

  private Value stored(LongShapeDescriptor shape, int step) {
    long length = 1;
    for (long d : shape.getShape()) {
      length *= d;
    }
    Storage storage = new Storage(shape.dataType(), Math.max(1, length), step);
    storages.add(storage);
    return Value.stored(shape, storage);
  }

  private static void close(OpContext context) {
    try {
      context.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
