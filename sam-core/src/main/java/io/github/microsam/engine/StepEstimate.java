package io.github.microsam.engine;

import java.util.List;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ops.CustomOp;

/**
 * What a step has to do, as its shapes tell.
 *
 * @param name what is computed
 * @param kind name of the operation, or kind of the region
 * @param flops additions and multiplications
 * @param bytes read and written
 */
record StepEstimate(String name, String kind, long flops, long bytes) {
  /** For ordering steps before they ran: some core's arithmetic in a nanosecond … */
  private static final double FLOPS_PER_NANOSECOND = 100;

  /** … and some memory's. */
  private static final double BYTES_PER_NANOSECOND = 10;

  /** Roughly how long it takes; good for comparing steps of one plan. */
  double nanoseconds() {
    return flops / FLOPS_PER_NANOSECOND + bytes / BYTES_PER_NANOSECOND;
  }

  static long bytes(List<Value> values) {
    return values.stream().mapToLong(v -> v.length() * v.dataType.width()).sum();
  }

  static long flops(SameDiffOp op, List<Value> inputs, List<Value> outputs) {
    long results = outputs.stream().mapToLong(Value::length).sum();
    if (inputs.size() < 2) {
      return results;
    }
    Value first = inputs.get(0);
    Value second = inputs.get(1);
    return switch (op.getOp().opName()) {
      case "matmul" -> 2 * results * inner(first, ((CustomOp) op.getOp()).iArgs()[0] != 0);
      // Kernels lie as [height, width, in, out].
      case "conv2d" -> 2 * results * (second.length() / second.shape[3]);
      case "depthwise_conv2d" -> 2 * results * second.shape[0] * second.shape[1];
      case "deconv2d" -> 2 * first.length() * (second.length() / second.shape[3]);
      // The gradient of the weights and that of the input: as much as the forward pass, each.
      case "conv2d_bp" ->
          4 * inputs.get(inputs.size() - 1).length() * (second.length() / second.shape[3]);
      default -> results;
    };
  }

  private static long inner(Value left, boolean transposed) {
    int rank = left.shape.length;
    return rank < 2 ? left.length() : left.shape[transposed ? rank - 2 : rank - 1];
  }
}
