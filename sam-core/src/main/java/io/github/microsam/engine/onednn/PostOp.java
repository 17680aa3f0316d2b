package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_gelu_erf;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_linear;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;

/**
 * An element-wise function that a primitive applies to its result.
 *
 * @param algorithm oneDNN's constant
 * @param alpha first parameter
 * @param beta second parameter
 */
record PostOp(int algorithm, float alpha, float beta) {
  static final PostOp GELU = new PostOp(dnnl_eltwise_gelu_erf, 0, 0);
  static final PostOp RELU = new PostOp(dnnl_eltwise_relu, 0, 0);

  static PostOp scale(double factor) {
    return new PostOp(dnnl_eltwise_linear, (float) factor, 0);
  }
}
