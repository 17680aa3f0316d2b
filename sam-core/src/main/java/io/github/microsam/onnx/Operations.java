package io.github.microsam.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import onnx.Onnx;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.ReduceOp;
import org.nd4j.linalg.api.ops.ScalarOp;
import org.nd4j.linalg.api.ops.impl.summarystats.Variance;

/** Says each operation of ND4J that the networks are made of in those of ONNX, opset 17. */
final class Operations {
  /** Same inputs, same meaning, no arguments. */
  private static final Map<String, String> PLAIN =
      Map.ofEntries(
          Map.entry("add", "Add"),
          Map.entry("subtract", "Sub"),
          Map.entry("multiply", "Mul"),
          Map.entry("divide", "Div"),
          Map.entry("sin", "Sin"),
          Map.entry("cos", "Cos"),
          Map.entry("sqrt", "Sqrt"),
          Map.entry("sigmoid", "Sigmoid"),
          Map.entry("identity", "Identity"),
          Map.entry("shape_of", "Shape"),
          Map.entry("size", "Size"));

  /** With a number as the second input. */
  private static final Map<String, String> WITH_SCALAR =
      Map.of(
          "add_scalar", "Add",
          "sub_scalar", "Sub",
          "mul_scalar", "Mul",
          "div_scalar", "Div",
          "equals_scalar", "Equal",
          "relu", "Max");

  private final SameDiffOp op;
  private final GraphTranslation t;
  private final OnnxGraph target;
  private final List<String> in;
  private final String wish;

  private Operations(SameDiffOp op, GraphTranslation t) {
    this.op = op;
    this.t = t;
    target = t.target();
    in = op.getInputsToOp().stream().map(t::value).toList();
    wish = t.wish(op.getOutputsOfOp().get(0));
  }

  /** Adds an operation whose inputs have been translated. */
  static void translate(SameDiffOp op, GraphTranslation t) {
    List<String> results = new Operations(op, t).results();
    for (int i = 0; i < results.size(); i++) {
      t.define(op.getOutputsOfOp().get(i), results.get(i));
    }
  }

  private List<String> results() {
    return op.getOp().opName().equals("unstack") ? unstack() : List.of(result());
  }

  private String result() {
    String kind = op.getOp().opName();
    if (PLAIN.containsKey(kind)) {
      return simple(PLAIN.get(kind), in);
    }
    if (kind.equals("relu") && scalarValue() == 0) {
      return simple("Relu", in);
    }
    if (WITH_SCALAR.containsKey(kind)) {
      return simple(WITH_SCALAR.get(kind), List.of(in.get(0), scalar()));
    }
    return switch (kind) {
      case "rsub_scalar" -> simple("Sub", List.of(scalar(), in.get(0)));
      case "rsqrt" -> target.add("Reciprocal", wish, List.of(simple("Sqrt", in)), List.of());
      case "erf" -> erf();
      case "cast" -> cast(in.get(0), t.type(op.getOutputsOfOp().get(0)));
      case "reduce_mean" -> mean(in.get(0), ((ReduceOp) op.getOp()).isKeepDims(), reducedAxes());
      case "var" -> variance();
      case "softmax" ->
          target.add("Softmax", wish, in, List.of(Attributes.of("axis", argument(0))));
      case "concat" -> target.add("Concat", wish, in, List.of(Attributes.of("axis", argument(0))));
      case "permute" -> target.transpose(wish, in.get(0), ints(arguments()));
      case "reshape" -> simple("Reshape", List.of(in.get(0), newShape()));
      case "expand_dims" -> simple("Unsqueeze", List.of(in.get(0), target.constant(argument(0))));
      case "strided_slice" -> slice();
      case "pad" -> pad();
      case "fill" -> fill();
      case "matmul" -> matmul();
      case "conv2d" -> convolution();
      case "depthwise_conv2d" -> depthwise();
      case "deconv2d" -> transposedConvolution();
      default -> throw unsupported("no operation of ONNX is known for it");
    };
  }

  private String simple(String type, List<String> operands) {
    return target.add(type, wish, operands, List.of());
  }

  private CustomOp custom() {
    return (CustomOp) op.getOp();
  }

  private long[] arguments() {
    return custom().iArgs();
  }

  private long argument(int index) {
    return arguments()[index];
  }

  private double scalarValue() {
    return ((ScalarOp) op.getOp()).scalar().getDouble(0);
  }

  private String scalar() {
    return target.scalar(scalarValue(), t.type(op.getInputsToOp().get(0)));
  }

  private String cast(String value, DataType type) {
    return target.add(
        "Cast",
        wish,
        List.of(value),
        List.of(Attributes.of("to", Attributes.type(type).getNumber())));
  }

  /**
   * Erf(c x) as Erf(x / (1 / c)): with c = √½ that is the form in which runtimes recognise a GELU.
   */
  private String erf() {
    SameDiffOp before = t.producing(op.getInputsToOp().get(0));
    if (before == null || !before.getOp().opName().equals("mul_scalar")) {
      return simple("Erf", in);
    }
    double factor = ((ScalarOp) before.getOp()).scalar().getDouble(0);
    String source = before.getInputsToOp().get(0);
    String divided =
        simple("Div", List.of(t.value(source), target.scalar(1 / factor, t.type(source))));
    return simple("Erf", List.of(divided));
  }

  private String mean(String value, boolean keepAxes, long... axes) {
    return target.add(
        "ReduceMean",
        wish,
        List.of(value),
        List.of(Attributes.of("axes", axes), Attributes.of("keepdims", keepAxes ? 1 : 0)));
  }

  private long[] reducedAxes() {
    return ((ReduceOp) op.getOp()).dimensions().toLongVector();
  }

  /** The mean squared distance to the mean, times n / (n - 1) if it is unbiased. */
  private String variance() {
    DataType type = t.type(op.getInputsToOp().get(0));
    String mean = meanAxisByAxis(in.get(0));
    String distance = simple("Sub", List.of(in.get(0), mean));
    String variance = meanAxisByAxis(simple("Mul", List.of(distance, distance)));
    if (((Variance) op.getOp()).isBiasCorrected()) {
      String all = cast(simple("Size", in), type);
      String count = simple("Div", List.of(all, cast(simple("Size", List.of(mean)), type)));
      String less = simple("Sub", List.of(count, target.scalar(1, type)));
      variance = simple("Mul", List.of(variance, simple("Div", List.of(count, less))));
    }
    return ((ReduceOp) op.getOp()).isKeepDims()
        ? variance
        : simple("Squeeze", List.of(variance, target.constant(reducedAxes())));
  }

  /** One axis after the other: a runtime that adds up a million numbers in a row loses digits. */
  private String meanAxisByAxis(String value) {
    long[] axes = reducedAxes();
    Arrays.sort(axes);
    String mean = value;
    for (int i = axes.length - 1; i >= 0; i--) {
      mean = mean(mean, true, axes[i]);
    }
    return mean;
  }

  private String newShape() {
    if (in.size() == 2) {
      return in.get(1);
    }
    long[] args = arguments();
    // The first one tells the order of the elements, as the negative of a letter's code.
    boolean inOrderC = args[0] == -'c';
    if (!inOrderC) {
      throw unsupported("it does not reshape in C order");
    }
    return target.constant(Arrays.copyOfRange(args, 1, args.length));
  }

  /**
   * Arguments are the masks (axes whose begin is ignored, ellipses, axes whose end is ignored, new
   * axes, axes that vanish), then begins, ends and strides.
   */
  private String slice() {
    long[] args = arguments();
    int rank = (args.length - 5) / 3;
    if (in.size() > 1 || args[1] != 0 || args[3] != 0 || args[4] != 0) {
      throw unsupported("only slices that keep all axes are");
    }
    int begins = 5;
    int ends = begins + rank;
    int strides = ends + rank;
    int[] cut =
        IntStream.range(0, rank).filter(i -> !bit(args[0], i) || !bit(args[2], i)).toArray();
    return simple(
        "Slice",
        List.of(
            in.get(0),
            along(cut, i -> bit(args[0], i) ? 0 : args[begins + i]),
            along(cut, i -> bit(args[2], i) ? Long.MAX_VALUE : args[ends + i]),
            along(cut, i -> i),
            along(cut, i -> args[strides + i])));
  }

  private static boolean bit(long mask, int i) {
    return (mask >> i & 1) != 0;
  }

  private String along(int[] axes, IntToLongFunction value) {
    return target.constant(Arrays.stream(axes).mapToLong(value).toArray());
  }

  private String pad() {
    INDArray byAxis = constantInput(1);
    long rank = byAxis.size(0);
    long[] padding = new long[Math.toIntExact(2 * rank)];
    for (int i = 0; i < rank; i++) {
      padding[i] = byAxis.getLong(i, 0);
      padding[i + (int) rank] = byAxis.getLong(i, 1);
    }
    if (argument(0) != 0) {
      throw unsupported("only constant padding is");
    }
    DataType type = t.type(op.getInputsToOp().get(0));
    String value = target.scalar(custom().tArgs()[0], type);
    return simple("Pad", List.of(in.get(0), target.constant(padding), value));
  }

  private INDArray constantInput(int index) {
    String name = op.getInputsToOp().get(index);
    if (!t.variable(name).isConstant()) {
      throw unsupported("its input " + name + " is not a constant");
    }
    return t.variable(name).getArr();
  }

  private String fill() {
    return target.add(
        "ConstantOfShape",
        wish,
        in,
        List.of(Attributes.element("value", (float) custom().tArgs()[0])));
  }

  /** Slices along an axis, without that axis. */
  private List<String> unstack() {
    int count = op.getOutputsOfOp().size();
    List<String> parts =
        target.add("Split", wish, count, in, List.of(Attributes.of("axis", argument(0))));
    List<String> results = new ArrayList<>();
    for (String part : parts) {
      results.add(simple("Squeeze", List.of(part, target.constant(argument(0)))));
    }
    return results;
  }

  private String matmul() {
    long[] transposes = arguments();
    if (transposes[2] != 0) {
      throw unsupported("it transposes its result");
    }
    List<String> operands = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      operands.add(transposes[i] == 0 ? in.get(i) : lastAxesSwapped(i));
    }
    return simple("MatMul", operands);
  }

  private String lastAxesSwapped(int input) {
    int rank = t.shape(op.getInputsToOp().get(input)).length;
    int[] axes = IntStream.range(0, rank).toArray();
    axes[rank - 1] = rank - 2;
    axes[rank - 2] = rank - 1;
    return target.transpose(wish, in.get(input), axes);
  }

  /** Kernels lie as [height, width, in, out] in ND4J, as [out, in, height, width] in ONNX. */
  private String convolution() {
    return windows("Conv", new int[] {3, 2, 0, 1}, List.of());
  }

  /** Kernels lie as [height, width, in, multiplier] in ND4J, as [in, 1, height, width] in ONNX. */
  private String depthwise() {
    long[] kernels = t.shape(op.getInputsToOp().get(1));
    if (kernels[3] != 1) {
      throw unsupported("it gives more than one result a channel");
    }
    return windows("Conv", new int[] {2, 3, 0, 1}, List.of(Attributes.of("group", kernels[2])));
  }

  /** Kernels lie as [height, width, out, in] in ND4J, as [in, out, height, width] in ONNX. */
  private String transposedConvolution() {
    return windows("ConvTranspose", new int[] {3, 2, 0, 1}, List.of());
  }

  /**
   * Arguments are height and width of kernel, stride, padding and dilation; whether the padding is
   * found by itself; whether channels come last; the layout of the kernels.
   */
  private String windows(String type, int[] kernelAxes, List<Onnx.AttributeProto> more) {
    long[] a = arguments();
    boolean channelsLast = a.length > 9 && a[9] != 0;
    boolean otherLayout = a.length > 10 && a[10] != 0;
    if (a[8] != 0 || channelsLast || otherLayout) {
      throw unsupported("only [N, C, H, W] with given padding is, and kernels as [H, W, in, out]");
    }
    List<String> operands = new ArrayList<>(in);
    operands.set(1, target.transpose(wish, in.get(1), kernelAxes));
    List<Onnx.AttributeProto> attributes = new ArrayList<>(more);
    attributes.add(Attributes.of("kernel_shape", a[0], a[1]));
    attributes.add(Attributes.of("strides", a[2], a[3]));
    attributes.add(Attributes.of("pads", a[4], a[5], a[4], a[5]));
    attributes.add(Attributes.of("dilations", a[6], a[7]));
    return target.add(type, wish, operands, attributes);
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  private UnsupportedOperationException unsupported(String why) {
    return new UnsupportedOperationException(
        op.getName() + " (" + op.getOp().opName() + ") cannot be said in ONNX yet: " + why);
  }
}
