package io.github.microsam.engine.onednn;

import static io.github.microsam.engine.onednn.KernelComparison.IN_BFLOAT16;
import static io.github.microsam.engine.onednn.KernelComparison.PROVIDER;
import static io.github.microsam.engine.onednn.KernelComparison.TOLERANCE;
import static io.github.microsam.engine.onednn.KernelComparison.TOLERANCE_IN_BFLOAT16;
import static io.github.microsam.engine.onednn.KernelComparison.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.engine.KernelProvider;
import io.github.microsam.engine.KernelProvider.Kernel;
import io.github.microsam.engine.KernelProvider.Spec;
import io.github.microsam.engine.KernelProvider.StepTemplate;
import io.github.microsam.engine.Operation;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Kernels of single operations, compared with ND4J's own. */
class OperationAssemblyTest {
  private static INDArray random(long... shape) {
    return Nd4j.rand(DataType.FLOAT, shape).subi(0.5).muli(4);
  }

  private static Spec spec(INDArray array) {
    return new Spec(array.dataType(), Arrays.stream(array.shape()).boxed().toList());
  }

  private static Operation operation(
      String name, List<INDArray> inputs, INDArray output, long... integers) {
    return new Operation(
        name,
        Arrays.stream(integers).boxed().toList(),
        List.of(),
        List.of(),
        inputs.stream().map(OperationAssemblyTest::spec).toList(),
        List.of(spec(output)),
        List.of(true));
  }

  /** Runs ND4J's operation and its kernel on the same inputs, and compares. */
  private static void assertKernelReplaces(
      String name, List<INDArray> inputs, long[] shape, long... integers) {
    INDArray expected = Nd4j.create(DataType.FLOAT, shape);
    Nd4j.exec(
        DynamicCustomOp.builder(name)
            .addInputs(inputs.toArray(INDArray[]::new))
            .addOutputs(expected)
            .addIntegerArguments(Arrays.stream(integers).mapToInt(i -> (int) i).toArray())
            .build());
    Operation operation = operation(name, inputs, expected, integers);
    assertClose(expected, byKernel(PROVIDER, operation, inputs, shape), TOLERANCE);
    assertClose(expected, byKernel(IN_BFLOAT16, operation, inputs, shape), TOLERANCE_IN_BFLOAT16);
  }

  private static INDArray byKernel(
      KernelProvider provider, Operation operation, List<INDArray> inputs, long... shape) {
    StepTemplate template = provider.kernel(operation).orElseThrow();
    INDArray actual = Nd4j.valueArrayOf(shape, Double.NaN, DataType.FLOAT);
    INDArray scratch =
        template.scratch() == 0 ? null : Nd4j.create(DataType.FLOAT, template.scratch());
    try (Kernel kernel = template.bind(inputs, List.of(actual), scratch)) {
      // Twice, because the second time finds the memory as the first one left it.
      kernel.run();
      kernel.run();
    }
    return actual;
  }

  /** All three flags, for batches, m, k and n. */
  static Stream<Arguments> products() {
    List<long[]> sizes =
        List.of(
            new long[] {5, 7, 3},
            new long[] {1, 16, 33},
            new long[] {64, 32, 48},
            new long[] {6, 5, 7, 3},
            new long[] {2, 3, 17, 8, 20},
            new long[] {2, 4, 1, 16, 9});
    return sizes.stream()
        .flatMap(
            s ->
                Stream.of(0, 1, 2, 3, 4, 5, 6, 7)
                    .map(f -> Arguments.of(s, f & 1, f >> 1 & 1, f >> 2)));
  }

  @ParameterizedTest
  @MethodSource("products")
  void matmul(long[] sizes, int transposeA, int transposeB, int transposeC) {
    long[] batch = Arrays.copyOf(sizes, sizes.length - 3);
    long m = sizes[sizes.length - 3];
    long k = sizes[sizes.length - 2];
    long n = sizes[sizes.length - 1];
    assertKernelReplaces(
        "matmul",
        List.of(random(matrix(batch, m, k, transposeA)), random(matrix(batch, k, n, transposeB))),
        matrix(batch, m, n, transposeC),
        transposeA,
        transposeB,
        transposeC);
  }

  private static long[] matrix(long[] batch, long rows, long columns, int transposed) {
    LongStream last = transposed == 1 ? LongStream.of(columns, rows) : LongStream.of(rows, columns);
    return LongStream.concat(Arrays.stream(batch), last).toArray();
  }

  @Test
  void productsThatAreMoreThanThatRunAsStockOperations() {
    INDArray a = random(2, 3, 4);
    INDArray c = random(2, 3, 5);
    assertEquals(
        Optional.empty(), PROVIDER.kernel(operation("matmul", List.of(a, random(4, 5)), c)));
    assertEquals(
        Optional.empty(), PROVIDER.kernel(operation("matmul", List.of(a, random(1, 4, 5)), c)));
    for (List<Double> numbers : List.of(List.of(2.0, 0.0), List.of(1.0, 1.0))) {
      Operation product = operation("matmul", List.of(a, random(2, 4, 5)), c);
      Operation scaled =
          new Operation(
              "matmul",
              List.of(),
              numbers,
              List.of(),
              product.inputs(),
              product.outputs(),
              product.read());
      assertEquals(Optional.empty(), PROVIDER.kernel(scaled), numbers.toString());
    }
  }

  static Stream<Arguments> axes() {
    List<long[]> shapes =
        List.of(new long[] {7, 5}, new long[] {3, 1, 9}, new long[] {2, 3, 17, 40});
    return shapes.stream()
        .flatMap(
            s -> LongStream.range(-s.length, s.length).mapToObj(axis -> Arguments.of(s, axis)));
  }

  @ParameterizedTest
  @MethodSource("axes")
  void softmax(long[] shape, long axis) {
    assertKernelReplaces("softmax", List.of(random(shape).muli(5)), shape, axis);
  }

  @ParameterizedTest
  @MethodSource("axes")
  void gradientOfSoftmaxAlongTheLastAxis(long[] shape, long axis) {
    List<INDArray> inputs = List.of(random(shape), random(shape));
    if (axis == -1 || axis == shape.length - 1) {
      assertKernelReplaces("softmax_bp", inputs, shape, axis);
    } else {
      assertEquals(
          Optional.empty(), PROVIDER.kernel(operation("softmax_bp", inputs, inputs.get(0), axis)));
    }
  }

  @Test
  void softmaxIsAlongTheLastAxisUnlessItSaysOtherwise() {
    INDArray x = random(6, 11);
    Operation silent = operation("softmax", List.of(x), x);
    assertClose(
        byKernel(PROVIDER, operation("softmax", List.of(x), x, 1), List.of(x), 6, 11),
        byKernel(PROVIDER, silent, List.of(x), 6, 11),
        0);
  }

  @ParameterizedTest
  @CsvSource({
    "5 7, 1 0",
    "5 7, 0 1",
    "2 3 4, 2 0 1",
    "2 3 4, 1 2 0",
    "3 8 5 16, 0 2 1 3",
    "3 8 5 16, 0 3 1 2",
    "3 8 5 16, 3 2 1 0",
    "2 9 3 4 6, 2 0 3 1 4"
  })
  void permute(String sizes, String axes) {
    INDArray x = random(numbers(sizes));
    long[] order = numbers(axes);
    long[] shape = Arrays.stream(order).map(axis -> x.size((int) axis)).toArray();
    Operation operation =
        operation("permute", List.of(x), Nd4j.create(DataType.FLOAT, shape), order);
    INDArray expected = x.permute(Arrays.stream(order).mapToInt(i -> (int) i).toArray()).dup('c');
    assertArrayEquals(shape, expected.shape());
    assertClose(expected, byKernel(PROVIDER, operation, List.of(x), shape), 0);
  }

  private static long[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
  }

  @Test
  void otherTypesAndOtherOperationsRunAsStockOperations() {
    INDArray x = random(4, 4);
    INDArray exact = x.castTo(DataType.DOUBLE);
    assertEquals(Optional.empty(), PROVIDER.kernel(operation("softmax", List.of(exact), exact)));
    assertEquals(Optional.empty(), PROVIDER.kernel(operation("tanh", List.of(x), x)));
    List<INDArray> axesAsAnInput = Collections.nCopies(2, x);
    assertEquals(Optional.empty(), PROVIDER.kernel(operation("permute", axesAsAnInput, x)));
  }
}
