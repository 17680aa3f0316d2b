package io.github.microsam.engine.onednn;

import io.github.microsam.engine.KernelProvider.Spec;
import io.github.microsam.engine.KernelProvider.Template;
import io.github.microsam.engine.Region;
import java.util.List;

/** The kernels that are one primitive. */
final class Kernels {
  private Kernels() {}

  /** {@link io.github.microsam.engine.Regions#LINEAR}. */
  static Template linear(OneDnn dnn, Region region, List<Spec> inputs) {
    long out = inputs.get(1).shape().get(0);
    long in = inputs.get(1).shape().get(1);
    long rows = inputs.get(0).rows();
    PostOp[] then =
        switch ((String) region.attributes().get("activation")) {
          case "gelu" -> new PostOp[] {PostOp.GELU};
          case "relu" -> new PostOp[] {PostOp.RELU};
          default -> new PostOp[0];
        };
    return (arrays, output, scratch) -> {
      Program program = new Program(dnn);
      program.product(
          View.of(arrays.get(0), rows, in),
          View.of(arrays.get(1), out, in).transposed(),
          View.of(arrays.get(2), 1, out),
          View.of(output, rows, out),
          then);
      return program;
    };
  }

  /** {@link io.github.microsam.engine.Regions#LAYER_NORM}. */
  static Template layerNorm(OneDnn dnn, Region region, List<Spec> inputs) {
    long rows = inputs.get(0).rows();
    long channels = inputs.get(1).shape().get(0);
    double epsilon = (double) region.attributes().get("epsilon");
    return (arrays, output, scratch) -> {
      Program program = new Program(dnn);
      program.layerNorm(
          View.of(arrays.get(0), rows, channels),
          View.of(arrays.get(1), channels),
          View.of(arrays.get(2), channels),
          View.of(output, rows, channels),
          epsilon);
      return program;
    };
  }

  /** {@link io.github.microsam.engine.Regions#GELU}. */
  static Template gelu(OneDnn dnn, List<Spec> inputs) {
    Spec x = inputs.get(0);
    long columns = x.last();
    long rows = x.rows();
    return (arrays, output, scratch) -> {
      Program program = new Program(dnn);
      program.apply(
          PostOp.GELU, View.of(arrays.get(0), rows, columns), View.of(output, rows, columns));
      return program;
    };
  }
}
