package io.github.microsam.engine;

import io.github.microsam.engine.KernelProvider.Spec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.ReduceOp;
import org.nd4j.linalg.api.ops.ScalarOp;

/**
 * A single operation of ND4J on arrays of known shapes, for which a provider may have a kernel.
 *
 * @param name ND4J's name of it, for instance {@code conv2d_bp}
 * @param integers its integer arguments; of a reduction, the axes
 * @param numbers its floating-point arguments; of an operation with a scalar, that
 * @param flags its boolean arguments; of a reduction, whether axes are kept
 * @param inputs types and shapes of what it reads
 * @param outputs types and shapes of what it gives
 * @param read for each output, whether anyone reads it; what nobody reads need not be computed
 */
public record Operation(
    String name,
    List<Long> integers,
    List<Double> numbers,
    List<Boolean> flags,
    List<Spec> inputs,
    List<Spec> outputs,
    List<Boolean> read) {

  /**
   * Copies the lists.
   *
   * @param name ND4J's name of the operation
   * @param integers its integer arguments
   * @param numbers its floating-point arguments
   * @param flags its boolean arguments
   * @param inputs types and shapes of what it reads
   * @param outputs types and shapes of what it gives
   * @param read for each output, whether anyone reads it
   */
  public Operation {
    integers = List.copyOf(integers);
    numbers = List.copyOf(numbers);
    flags = List.copyOf(flags);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    read = List.copyOf(read);
  }

  static Operation of(
      DifferentialFunction op, List<Spec> inputs, List<Spec> outputs, List<Boolean> read) {
    List<Long> integers = List.of();
    List<Double> numbers = List.of();
    List<Boolean> flags = List.of();
    if (op instanceof CustomOp custom) {
      integers = Arrays.stream(custom.iArgs()).boxed().toList();
      numbers = Arrays.stream(custom.tArgs()).boxed().toList();
      boolean[] b = custom.bArgs();
      flags = IntStream.range(0, b.length).mapToObj(i -> b[i]).toList();
    } else if (op instanceof ReduceOp reduction && reduction.dimensions() != null) {
      integers = Arrays.stream(reduction.dimensions().toLongVector()).boxed().toList();
      flags = List.of(reduction.isKeepDims());
    } else if (op instanceof ScalarOp withScalar && withScalar.scalar() != null) {
      numbers = List.of(withScalar.scalar().getDouble(0));
    } else if (op instanceof Op legacy && legacy.extraArgs() != null) {
      numbers =
          Arrays.stream(legacy.extraArgs())
              .filter(Number.class::isInstance)
              .map(a -> ((Number) a).doubleValue())
              .toList();
    }
    return new Operation(op.opName(), integers, numbers, flags, inputs, outputs, read);
  }
}
