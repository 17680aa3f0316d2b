package io.github.microsam.onnx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An ONNX graph that is being built. Values are known by their names; operations that no output
 * needs are left out in the end.
 */
final class OnnxGraph {
  /** Nodes and the arrays that they read, in an order in which they can be computed. */
  record Content(List<Onnx.NodeProto> nodes, Map<String, INDArray> initializers) {}

  private record Transposed(String source, List<Integer> axes) {}

  private final List<Onnx.ValueInfoProto> inputs = new ArrayList<>();
  private final List<Onnx.ValueInfoProto> outputs = new ArrayList<>();
  private final List<Onnx.NodeProto> nodes = new ArrayList<>();
  private final Map<String, INDArray> initializers = new LinkedHashMap<>();
  private final Map<String, Transposed> transposed = new HashMap<>();
  private final Set<String> names = new HashSet<>();

  /**
   * Declares an input.
   *
   * @param sizes numbers, or names of sizes that are known at run time
   */
  String input(String name, DataType type, Object... sizes) {
    inputs.add(declaration(reserve(name), type, sizes));
    return name;
  }

  /** Declares a value to be an output, under its name. */
  void output(String name, DataType type, Object... sizes) {
    outputs.add(declaration(name, type, sizes));
  }

  List<Onnx.ValueInfoProto> inputs() {
    return inputs;
  }

  List<Onnx.ValueInfoProto> outputs() {
    return outputs;
  }

  /** An array that is stored in the file; it must stay open until the file is written. */
  String initializer(String wish, INDArray array) {
    String name = unused(wish);
    initializers.put(name, array);
    return name;
  }

  String constant(long... values) {
    return initializer("constant", Nd4j.createFromArray(values));
  }

  String scalar(double value, DataType type) {
    return initializer("scalar", Nd4j.scalar(type, value));
  }

  /** Adds an operation with one output. */
  String add(
      String type, String wish, List<String> operands, List<Onnx.AttributeProto> attributes) {
    return add(type, wish, 1, operands, attributes).get(0);
  }

  /** Adds an operation. */
  List<String> add(
      String type,
      String wish,
      int results,
      List<String> operands,
      List<Onnx.AttributeProto> attributes) {
    List<String> produced = new ArrayList<>();
    for (int i = 0; i < results; i++) {
      produced.add(unused(results == 1 ? wish : wish + ":" + i));
    }
    nodes.add(
        Onnx.NodeProto.newBuilder()
            .setOpType(type)
            .setName(produced.get(0))
            .addAllInput(operands)
            .addAllOutput(produced)
            .addAllAttribute(attributes)
            .build());
    return produced;
  }

  /** Another name for a value. */
  void alias(String source, String name) {
    nodes.add(
        Onnx.NodeProto.newBuilder()
            .setOpType("Identity")
            .setName(reserve(name))
            .addInput(source)
            .addOutput(name)
            .build());
  }

  /**
   * Permutes axes. Two permutations in a row become one, or none: weights, which are permuted for
   * ND4J, are stored as they are in PyTorch and read by the ONNX operation without a copy.
   */
  String transpose(String wish, String source, int... axes) {
    Transposed before = transposed.get(source);
    String origin = before == null ? source : before.source;
    int[] all = axes.clone();
    if (before != null) {
      Arrays.setAll(all, i -> before.axes.get(axes[i]));
    }
    if (isIdentity(all)) {
      return origin;
    }
    long[] permutation = Arrays.stream(all).asLongStream().toArray();
    String name =
        add("Transpose", wish, List.of(origin), List.of(Attributes.of("perm", permutation)));
    transposed.put(name, new Transposed(origin, Arrays.stream(all).boxed().toList()));
    return name;
  }

  private static boolean isIdentity(int[] axes) {
    for (int i = 0; i < axes.length; i++) {
      if (axes[i] != i) {
        return false;
      }
    }
    return true;
  }

  /** What the outputs need. */
  Content content() {
    Map<String, Onnx.NodeProto> producers = new HashMap<>();
    nodes.forEach(n -> n.getOutputList().forEach(o -> producers.put(o, n)));
    Set<String> needed = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>();
    outputs.forEach(o -> open.add(o.getName()));
    while (!open.isEmpty()) {
      String name = open.pop();
      if (needed.add(name) && producers.containsKey(name)) {
        open.addAll(producers.get(name).getInputList());
      }
    }
    List<Onnx.NodeProto> kept =
        nodes.stream().filter(n -> n.getOutputList().stream().anyMatch(needed::contains)).toList();
    Map<String, INDArray> arrays = new LinkedHashMap<>(initializers);
    arrays.keySet().retainAll(needed);
    return new Content(kept, arrays);
  }

  private String reserve(String name) {
    if (!names.add(name)) {
      throw new IllegalStateException("two values of the ONNX graph are called " + name);
    }
    return name;
  }

  private String unused(String wish) {
    String name = wish;
    for (int i = 1; !names.add(name); i++) {
      name = wish + "_" + i;
    }
    return name;
  }

  private static Onnx.ValueInfoProto declaration(String name, DataType type, Object[] sizes) {
    Onnx.TensorShapeProto.Builder shape = Onnx.TensorShapeProto.newBuilder();
    for (Object size : sizes) {
      Onnx.TensorShapeProto.Dimension.Builder dimension = shape.addDimBuilder();
      if (size instanceof Number n) {
        dimension.setDimValue(n.longValue());
      } else {
        dimension.setDimParam((String) size);
      }
    }
    return Onnx.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            Onnx.TypeProto.newBuilder()
                .setTensorType(
                    Onnx.TypeProto.Tensor.newBuilder()
                        .setElemType(Attributes.type(type).getNumber())
                        .setShape(shape)))
        .build();
  }
}
