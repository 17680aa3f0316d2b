package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_batch_normalization_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_mul;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_sub;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_deconvolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_deconvolution_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_layer_normalization_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_matmul_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_exclude_padding;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_resampling_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_resampling_linear;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_accurate;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_global_stats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scale;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_shift;

import io.github.microsam.engine.Precision;
import io.github.microsam.engine.onednn.Program.Argument;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;

/** Writes a {@link Program}, a primitive a method. */
final class Assembler {
  private static final PostOp[] NOTHING = {};

  /** From so many rows on a linear layer is run as a convolution. */
  private static final long MANY_ROWS = 256;

  private final Program program;
  private final OneDnn dnn;
  private final Map<Packing, View> packedWeights = new HashMap<>();

  Assembler(Program program) {
    this.program = program;
    dnn = program.dnn();
  }

  /** Weights that have been packed for a primitive. */
  private record Packing(String description, Place place, long offset) {}

  View temporary(long... dims) {
    return program.temporary(dims);
  }

  View zeros(long... dims) {
    return program.zeros(dims);
  }

  /** A temporary map {@code [N, C, H, W]} that lies in memory as [N, H, W, C]. */
  View temporaryMap(long n, long channels, long height, long width) {
    return program.temporary(n, height, width, channels).permuted(0, 3, 1, 2);
  }

  /**
   * {@code destination = f(source · weights + bias)}; bias may be null. Axes before the last two
   * are batches.
   */
  void product(View source, View weights, View bias, View destination, PostOp... then) {
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_WEIGHTS, weights));
    arguments.add(new Argument(DNNL_ARG_DST, destination));
    if (bias != null) {
      arguments.add(new Argument(DNNL_ARG_BIAS, bias));
    }
    call(
        "product",
        arguments,
        then,
        (pd, attr) ->
            dnnl_matmul_primitive_desc_create(
                pd,
                dnn.engine,
                program.layout(source),
                program.layout(weights),
                bias == null ? null : program.layout(bias),
                program.layout(destination),
                attr));
  }

  /**
   * {@code destination = f(source · weightᵀ)} for weights that several products of the same shape
   * read: they are copied once into the layout that suits the product.
   *
   * @param source {@code [rows, in]}, contiguous
   * @param weight {@code [out, in]}
   * @param destination {@code [rows, out]}, contiguous
   */
  void sharedProduct(View source, View weight, View destination, PostOp... then) {
    if (dnn.precision != Precision.BFLOAT16) {
      convolution(pixels(source), kernels(weight), null, pixels(destination), 1, 0, then);
      return;
    }
    withPackedWeights(
        "product with packed weights",
        source,
        weight.transposed(),
        null,
        destination,
        then,
        any ->
            (pd, attr) ->
                dnnl_matmul_primitive_desc_create(
                    pd,
                    dnn.engine,
                    program.layout(source),
                    any,
                    null,
                    program.layout(destination),
                    attr));
  }

  /**
   * {@code destination = f(source · weightᵀ + bias)} for weights that are used as they are in a
   * checkpoint. With many rows it is run as a convolution of single pixels, whose implementation
   * oneDNN has tuned better than that of products: a fifth faster on AVX2.
   *
   * @param source {@code [rows, in]}
   * @param weight {@code [out, in]}
   * @param bias {@code [out]}, or null
   * @param destination {@code [rows, out]}
   */
  void linear(View source, View weight, View bias, View destination, PostOp... then) {
    long rows = source.dim(0);
    if (dnn.precision == Precision.BFLOAT16
        || rows < MANY_ROWS
        || !source.isContiguous()
        || !destination.isContiguous()) {
      View row = bias == null ? null : bias.reshaped(1, bias.length());
      product(source, weight.transposed(), row, destination, then);
      return;
    }
    PostOp[] ofPixels = new PostOp[then.length];
    for (int i = 0; i < then.length; i++) {
      ofPixels[i] = then[i] instanceof PostOp.Binary b ? PostOp.plus(pixels(b.other())) : then[i];
    }
    convolution(pixels(source), kernels(weight), bias, pixels(destination), 1, 0, ofPixels);
  }

  /** Weights of a linear layer as those of a convolution of single pixels. */
  private static View kernels(View weight) {
    long[] s = weight.strides();
    return weight.as(0, new long[] {weight.dim(0), weight.dim(1), 1, 1}, s[0], s[1], 1, 1);
  }

  /** Rows as the pixels of a map that lies in memory channels last. */
  private static View pixels(View rows) {
    long n = rows.dim(0);
    long c = rows.dim(1);
    return rows.as(0, new long[] {1, c, n, 1}, n * c, 1, c, c);
  }

  /**
   * A convolution of a map that lies in memory channels last, into one that does.
   *
   * @param weights {@code [out, in, k, k]}, or {@code [groups, out / groups, in / groups, k, k]}
   * @param bias {@code [out]}, or null
   */
  void convolution(
      View source,
      View weights,
      View bias,
      View destination,
      long stride,
      long padding,
      PostOp... then) {
    long[] strides = {stride, stride};
    long[] dilates = {0, 0};
    long[] pads = {padding, padding};
    withPackedWeights(
        "convolution" + stride + "/" + padding,
        source,
        weights,
        bias,
        destination,
        then,
        any ->
            (pd, attr) ->
                dnnl_convolution_forward_primitive_desc_create(
                    pd,
                    dnn.engine,
                    dnnl_forward_inference,
                    dnnl_convolution_direct,
                    program.layout(source),
                    any,
                    bias == null ? null : program.layout(bias),
                    program.layout(destination),
                    strides,
                    dilates,
                    pads,
                    pads,
                    attr));
  }

  /**
   * A transposed convolution that doubles a map.
   *
   * @param weights {@code [out, in, 2, 2]}
   * @param bias {@code [out]}
   */
  void doublingConvolution(View source, View weights, View bias, View destination, PostOp... then) {
    long[] strides = {2, 2};
    long[] none = {0, 0};
    withPackedWeights(
        "doubling convolution",
        source,
        weights,
        bias,
        destination,
        then,
        any ->
            (pd, attr) ->
                dnnl_deconvolution_forward_primitive_desc_create(
                    pd,
                    dnn.engine,
                    dnnl_forward_inference,
                    dnnl_deconvolution_direct,
                    program.layout(source),
                    any,
                    program.layout(bias),
                    program.layout(destination),
                    strides,
                    none,
                    none,
                    none,
                    attr));
  }

  /** Describes a primitive for weights in a layout of its choice. */
  private interface ForWeights {
    Program.Description description(dnnl_memory_desc any);
  }

  private void withPackedWeights(
      String kind,
      View source,
      View weights,
      View bias,
      View destination,
      PostOp[] then,
      ForWeights forWeights) {
    dnnl_memory_desc any = new dnnl_memory_desc();
    OneDnn.check(
        dnnl_memory_desc_create_with_tag(
            any, weights.rank(), weights.dims(), dnnl_f32, dnnl_format_tag_any),
        "any layout");
    String what = kind + source + weights + destination + (bias != null);
    String preferred = isPixelwise(weights) ? dnn.pixelwiseConvolution : "";
    String description = program.describe(what, then, preferred, forWeights.description(any));
    OneDnn.check(dnnl_memory_desc_destroy(any), "end of a layout");
    Packing key = new Packing(description, weights.place(), weights.offset());
    View packed = packedWeights.computeIfAbsent(key, k -> packed(description, weights));
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_WEIGHTS, packed));
    arguments.add(new Argument(DNNL_ARG_DST, destination));
    if (bias != null) {
      arguments.add(new Argument(DNNL_ARG_BIAS, bias));
    }
    program.call(description, then, arguments);
  }

  private static boolean isPixelwise(View weights) {
    return weights.rank() == 4 && weights.dim(2) == 1 && weights.dim(3) == 1;
  }

  /** The weights as a primitive wants them: as they are, or a copy that is made at every run. */
  private View packed(String description, View weights) {
    View packed = program.packedWeights(description, weights);
    if (packed == null) {
      return weights;
    }
    copy(weights, packed);
    return packed;
  }

  /** Copies elements into another layout. */
  void copy(View source, View destination) {
    call(
        "copy",
        List.of(new Argument(DNNL_ARG_FROM, source), new Argument(DNNL_ARG_TO, destination)),
        NOTHING,
        (pd, attr) ->
            dnnl_reorder_primitive_desc_create(
                pd,
                program.layout(source),
                dnn.engine,
                program.layout(destination),
                dnn.engine,
                attr));
  }

  /** Softmax over one axis; source and destination may be the same. */
  void softmax(View source, View destination, int axis) {
    call(
        "softmax" + axis,
        List.of(new Argument(DNNL_ARG_SRC, source), new Argument(DNNL_ARG_DST, destination)),
        NOTHING,
        (pd, attr) ->
            dnnl_softmax_forward_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_forward_inference,
                dnnl_softmax_accurate,
                program.layout(source),
                program.layout(destination),
                axis,
                attr));
  }

  /** The sum of two arrays; the term is broadcast along the axes in which it has size 1. */
  void add(View source, View term, View destination, PostOp... then) {
    binary(dnnl_binary_add, source, term, destination, then);
  }

  /** The difference of two arrays, broadcast likewise. */
  void subtract(View source, View term, View destination, PostOp... then) {
    binary(dnnl_binary_sub, source, term, destination, then);
  }

  /** The product of two arrays by element, broadcast likewise. */
  void multiply(View source, View factor, View destination, PostOp... then) {
    binary(dnnl_binary_mul, source, factor, destination, then);
  }

  private void binary(int algorithm, View source, View other, View destination, PostOp... then) {
    call(
        "binary" + algorithm,
        List.of(
            new Argument(DNNL_ARG_SRC_0, source),
            new Argument(DNNL_ARG_SRC_1, other),
            new Argument(DNNL_ARG_DST, destination)),
        then,
        (pd, attr) ->
            dnnl_binary_primitive_desc_create(
                pd,
                dnn.engine,
                algorithm,
                program.layout(source),
                program.layout(other),
                program.layout(destination),
                attr));
  }

  /** An element-wise function of source. */
  void apply(PostOp function, View source, View destination) {
    PostOp.Function f = (PostOp.Function) function;
    call(
        "apply" + f,
        List.of(new Argument(DNNL_ARG_SRC, source), new Argument(DNNL_ARG_DST, destination)),
        NOTHING,
        (pd, attr) ->
            dnnl_eltwise_forward_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_forward_inference,
                f.algorithm(),
                program.layout(source),
                program.layout(destination),
                f.alpha(),
                f.beta(),
                attr));
  }

  /** Normalisation over the last axis, then scale and shift. */
  void layerNorm(View source, View scale, View shift, View destination, double epsilon) {
    call(
        "layer_norm" + epsilon,
        List.of(
            new Argument(DNNL_ARG_SRC, source),
            new Argument(DNNL_ARG_DST, destination),
            new Argument(DNNL_ARG_SCALE, scale),
            new Argument(DNNL_ARG_SHIFT, shift)),
        NOTHING,
        (pd, attr) ->
            dnnl_layer_normalization_forward_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_forward_inference,
                program.layout(source),
                program.layout(destination),
                null,
                (float) epsilon,
                dnnl_use_scale | dnnl_use_shift,
                attr));
  }

  /**
   * Normalisation of each channel over batch and pixels; source and destination may be the same.
   */
  void channelNorm(View source, View destination, double epsilon) {
    channelNorm(source, destination, epsilon, 0, List.of());
  }

  /** The same, then scale and shift, both {@code [C]}, and functions. */
  void channelNorm(
      View source, View scale, View shift, View destination, double epsilon, PostOp... then) {
    channelNorm(
        source,
        destination,
        epsilon,
        dnnl_use_scale | dnnl_use_shift,
        List.of(new Argument(DNNL_ARG_SCALE, scale), new Argument(DNNL_ARG_SHIFT, shift)),
        then);
  }

  /** The same with statistics that are given. */
  void channelNormWith(
      View mean,
      View variance,
      View source,
      View scale,
      View shift,
      View destination,
      double epsilon,
      PostOp... then) {
    channelNorm(
        source,
        destination,
        epsilon,
        dnnl_use_scale | dnnl_use_shift | dnnl_use_global_stats,
        List.of(
            new Argument(DNNL_ARG_MEAN, mean),
            new Argument(DNNL_ARG_VARIANCE, variance),
            new Argument(DNNL_ARG_SCALE, scale),
            new Argument(DNNL_ARG_SHIFT, shift)),
        then);
  }

  private void channelNorm(
      View source,
      View destination,
      double epsilon,
      int flags,
      List<Argument> more,
      PostOp... then) {
    List<Argument> arguments = new ArrayList<>(more);
    arguments.add(new Argument(DNNL_ARG_SRC, source));
    arguments.add(new Argument(DNNL_ARG_DST, destination));
    call(
        "channel_norm" + epsilon + "/" + flags,
        arguments,
        then,
        (pd, attr) ->
            dnnl_batch_normalization_forward_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_forward_inference,
                program.layout(source),
                program.layout(destination),
                (float) epsilon,
                flags,
                attr));
  }

  /**
   * The mean of rows.
   *
   * @param source {@code [rows, columns]}, contiguous
   * @param destination {@code [1, columns]}
   */
  void average(View source, View destination) {
    long rows = source.dim(0);
    long columns = source.dim(1);
    View map = source.as(0, new long[] {1, columns, rows, 1}, source.length(), 1, columns, columns);
    View mean = destination.as(0, new long[] {1, columns, 1, 1}, columns, 1, columns, columns);
    long[] window = {rows, 1};
    long[] none = {0, 0};
    call(
        "average",
        List.of(new Argument(DNNL_ARG_SRC, map), new Argument(DNNL_ARG_DST, mean)),
        NOTHING,
        (pd, attr) ->
            dnnl_pooling_forward_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_forward_inference,
                dnnl_pooling_avg_exclude_padding,
                program.layout(map),
                program.layout(mean),
                window,
                window,
                none,
                none,
                none,
                attr));
  }

  /**
   * Doubles a map by bilinear interpolation.
   *
   * @param destination a temporary: oneDNN writes to it past the cache, which needs its alignment
   */
  void doubling(View source, View destination) {
    call(
        "doubling",
        List.of(new Argument(DNNL_ARG_SRC, source), new Argument(DNNL_ARG_DST, destination)),
        NOTHING,
        (pd, attr) ->
            dnnl_resampling_forward_primitive_desc_create(
                pd,
                dnn.engine,
                dnnl_forward_inference,
                dnnl_resampling_linear,
                (float[]) null,
                program.layout(source),
                program.layout(destination),
                attr));
  }

  private void call(
      String kind, List<Argument> arguments, PostOp[] then, Program.Description description) {
    StringBuilder what = new StringBuilder(kind);
    for (Argument a : arguments) {
      what.append(a.kind()).append(a.view().layout());
    }
    program.call(program.describe(what.toString(), then, description), then, arguments);
  }
}
