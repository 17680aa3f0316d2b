package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_deconvolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_diff_dst_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_diff_src_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_diff_weights_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_dst_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_src_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_weights_md;

import java.util.List;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * A convolution, or a transposed one, of given shapes with its gradients. Every primitive chooses
 * its layouts; arrays are copied into them and back where they have others.
 *
 * <p>Weights are {@code [out, in, k, k]} or, of a convolution in groups, {@code [groups, out /
 * groups, in / groups, k, k]}, with any strides.
 */
final class Correlation {
  private final Passes to;
  private final boolean transposed;
  private final View source;
  private final View weights;
  private final View bias;
  private final View destination;
  private final long[] strides;
  private final long[] dilations;
  private final long[] padding;

  /**
   * Describes one.
   *
   * @param to where its primitives go
   * @param transposed whether it is a transposed one
   * @param source {@code [N, in, H, W]}; only shape and strides count here and below
   * @param weights its weights
   * @param bias {@code [out]}, or null
   * @param destination {@code [N, out, H', W']}
   * @param strides steps in y and in x
   * @param padding zeros in y and in x, on both sides
   */
  Correlation(
      Passes to,
      boolean transposed,
      View source,
      View weights,
      View bias,
      View destination,
      long[] strides,
      long[] padding) {
    this.to = to;
    this.transposed = transposed;
    this.source = source;
    this.weights = weights;
    this.bias = bias;
    this.destination = destination;
    this.strides = strides;
    this.padding = padding;
    this.dilations = new long[] {0, 0};
  }

  private String key(String what, boolean hasBias) {
    return what
        + transposed
        + source
        + weights
        + destination
        + strides[0]
        + strides[1]
        + padding[0]
        + padding[1]
        + hasBias;
  }

  private String forward(boolean hasBias) {
    Forward create =
        transposed
            ? dnnl::dnnl_deconvolution_forward_primitive_desc_create
            : dnnl::dnnl_convolution_forward_primitive_desc_create;
    return to.describe(
        key("correlation", hasBias),
        (pd, attr) ->
            create.create(
                pd,
                to.engine(),
                dnnl_forward_training,
                algorithm(),
                to.any(source),
                to.any(weights),
                hasBias ? to.layout(bias) : null,
                to.any(destination),
                strides,
                dilations,
                padding,
                padding,
                attr));
  }

  private int algorithm() {
    return transposed ? dnnl_deconvolution_direct : dnnl_convolution_direct;
  }

  /** Computes the destination. */
  void write() {
    String forward = forward(bias != null);
    to.call(
        forward,
        List.of(
            Passes.read(DNNL_ARG_SRC, dnnl_query_src_md, source),
            Passes.read(DNNL_ARG_WEIGHTS, dnnl_query_weights_md, weights),
            Passes.asIs(DNNL_ARG_BIAS, bias),
            Passes.written(DNNL_ARG_DST, dnnl_query_dst_md, destination)));
  }

  /** Computes the gradient with respect to the source from that with respect to the destination. */
  void writeSourceGradient(View sourceGradient, View gradient) {
    String forward = forward(false);
    BackwardData create =
        transposed
            ? dnnl::dnnl_deconvolution_backward_data_primitive_desc_create
            : dnnl::dnnl_convolution_backward_data_primitive_desc_create;
    String backward =
        to.describe(
            key("by source", false),
            (pd, attr) ->
                create.create(
                    pd,
                    to.engine(),
                    algorithm(),
                    to.any(source),
                    to.any(weights),
                    to.any(destination),
                    strides,
                    dilations,
                    padding,
                    padding,
                    to.description(forward),
                    attr));
    to.call(
        backward,
        List.of(
            Passes.written(DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md, sourceGradient),
            Passes.read(DNNL_ARG_WEIGHTS, dnnl_query_weights_md, weights),
            Passes.read(DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, gradient)));
  }

  /** Computes the gradients with respect to weights and, unless it is null, bias. */
  void writeWeightsGradient(View weightsGradient, View biasGradient, View gradient) {
    String forward = forward(biasGradient != null);
    BackwardWeights create =
        transposed
            ? dnnl::dnnl_deconvolution_backward_weights_primitive_desc_create
            : dnnl::dnnl_convolution_backward_weights_primitive_desc_create;
    String backward =
        to.describe(
            key("by weights", biasGradient != null),
            (pd, attr) ->
                create.create(
                    pd,
                    to.engine(),
                    algorithm(),
                    to.any(source),
                    to.any(weights),
                    biasGradient == null ? null : to.layout(biasGradient),
                    to.any(destination),
                    strides,
                    dilations,
                    padding,
                    padding,
                    to.description(forward),
                    attr));
    to.call(
        backward,
        List.of(
            Passes.read(DNNL_ARG_SRC, dnnl_query_src_md, source),
            Passes.written(DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md, weightsGradient),
            Passes.asIs(DNNL_ARG_DIFF_BIAS, biasGradient),
            Passes.read(DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, gradient)));
  }

  /** Describes a convolution or a transposed one: oneDNN's calls for both have the same shape. */
  @FunctionalInterface
  private interface Forward {
    int create(
        dnnl_primitive_desc pd,
        dnnl_engine engine,
        int kind,
        int algorithm,
        dnnl_memory_desc source,
        dnnl_memory_desc weights,
        dnnl_memory_desc bias,
        dnnl_memory_desc destination,
        long[] strides,
        long[] dilations,
        long[] before,
        long[] after,
        dnnl_primitive_attr attr);
  }

  /** Describes its gradient with respect to the source. */
  @FunctionalInterface
  private interface BackwardData {
    int create(
        dnnl_primitive_desc pd,
        dnnl_engine engine,
        int algorithm,
        dnnl_memory_desc source,
        dnnl_memory_desc weights,
        dnnl_memory_desc destination,
        long[] strides,
        long[] dilations,
        long[] before,
        long[] after,
        dnnl_primitive_desc forward,
        dnnl_primitive_attr attr);
  }

  /** Describes its gradients with respect to weights and bias. */
  @FunctionalInterface
  private interface BackwardWeights {
    int create(
        dnnl_primitive_desc pd,
        dnnl_engine engine,
        int algorithm,
        dnnl_memory_desc source,
        dnnl_memory_desc weights,
        dnnl_memory_desc bias,
        dnnl_memory_desc destination,
        long[] strides,
        long[] dilations,
        long[] before,
        long[] after,
        dnnl_primitive_desc forward,
        dnnl_primitive_attr attr);
  }
}
