package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_mul;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_gelu_erf;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_linear;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_logistic;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_pow;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_square;

/** What a primitive does with its result before it writes it. */
sealed interface PostOp {
  PostOp GELU = new Function(dnnl_eltwise_gelu_erf, 0, 0);
  PostOp RELU = new Function(dnnl_eltwise_relu, 0, 0);
  PostOp SIGMOID = new Function(dnnl_eltwise_logistic, 0, 0);
  PostOp INVERSE_ROOT = new Function(dnnl_eltwise_pow, 1, -0.5f);

  PostOp SQUARE = new Function(dnnl_eltwise_square, 0, 0);

  /** Adds to what is there already. */
  PostOp ACCUMULATE = new Accumulate();

  static PostOp scale(double factor) {
    return new Function(dnnl_eltwise_linear, (float) factor, 0);
  }

  static PostOp plusNumber(double term) {
    return new Function(dnnl_eltwise_linear, 1, (float) term);
  }

  static PostOp plus(View term) {
    return new Binary(dnnl_binary_add, term);
  }

  static PostOp times(View factor) {
    return new Binary(dnnl_binary_mul, factor);
  }

  /**
   * An element-wise function.
   *
   * @param algorithm oneDNN's constant
   * @param alpha first parameter
   * @param beta second parameter
   */
  record Function(int algorithm, float alpha, float beta) implements PostOp {}

  /**
   * An element-wise operation with another array.
   *
   * @param algorithm oneDNN's constant
   * @param other of the result's shape and layout, or of size 1 along axes
   */
  record Binary(int algorithm, View other) implements PostOp {}

  /** Addition to the destination. */
  record Accumulate() implements PostOp {}
}
