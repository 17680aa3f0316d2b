package io.github.microsam.engine.onednn;

import io.github.microsam.engine.Operation;
import java.util.List;

/** Writes the programs of single operations. */
final class OperationAssembly {
  private final Passes to;
  private final Operation operation;
  private final List<View> in;
  private final List<View> out;

  private OperationAssembly(Program program, Operation operation, List<View> in, List<View> out) {
    to = new Passes(program);
    this.operation = operation;
    this.in = in;
    this.out = out;
  }

  /** Whether there is a program for an operation. */
  static boolean knows(Operation o) {
    return switch (o.name()) {
      case "matmul" -> isProduct(o);
      case "softmax" -> true;
      case "softmax_bp" -> axis(o) == o.inputs().get(0).shape().size() - 1;
      case "permute" -> o.inputs().size() == 1;
      default -> false;
    };
  }

  private static boolean isProduct(Operation o) {
    List<Long> a = o.inputs().get(0).shape();
    List<Long> b = o.inputs().get(1).shape();
    int n = a.size();
    return n >= 2
        && n == b.size()
        && a.subList(0, n - 2).equals(b.subList(0, n - 2))
        && o.numbers().stream().limit(1).allMatch(alpha -> alpha == 1)
        && o.numbers().stream().skip(1).allMatch(beta -> beta == 0);
  }

  /**
   * Writes.
   *
   * @param program where to
   * @param operation the operation
   * @param in what it reads
   * @param out what it gives; null where that is not wanted
   */
  static void write(Program program, Operation operation, List<View> in, List<View> out) {
    new OperationAssembly(program, operation, in, out).write();
  }

  private void write() {
    switch (operation.name()) {
      case "matmul" -> product();
      case "softmax" -> to.softmax(in.get(0), out.get(0), axis(operation));
      case "softmax_bp" -> {
        View y = to.temporary(in.get(0).dims());
        to.softmax(in.get(0), y, axis(operation));
        to.softmaxGradient(y, in.get(1), out.get(0));
      }
      case "permute" ->
          to.copy(
              in.get(0).permuted(operation.integers().stream().mapToInt(Long::intValue).toArray()),
              out.get(0));
      default -> throw new IllegalArgumentException("no program for " + operation.name());
    }
  }

  /** The axis of a softmax: the last one unless it says otherwise. */
  private static int axis(Operation softmax) {
    int rank = softmax.inputs().get(0).shape().size();
    int axis = softmax.integers().isEmpty() ? -1 : softmax.integers().get(0).intValue();
    return axis < 0 ? rank + axis : axis;
  }

  private void product() {
    View a = flag(0) ? in.get(0).transposed() : in.get(0);
    View b = flag(1) ? in.get(1).transposed() : in.get(1);
    View c = flag(2) ? out.get(0).transposed() : out.get(0);
    to.product(a, b, c);
  }

  private boolean flag(int index) {
    return operation.integers().size() > index && operation.integers().get(index) != 0;
  }
}
