package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_batch_normalization_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_batch_normalization_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_layer_normalization_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_layer_normalization_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_accurate;
import static org.bytedeco.dnnl.global.dnnl.dnnl_softmax_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_global_stats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scale;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_shift;

import io.github.microsam.engine.onednn.Program.Argument;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Adds to a program the primitives of backward passes, and those of forward passes they need. */
final class Passes {
  private static final PostOp[] NOTHING = {};

  /** Rows of a product below which copying the other matrix would take as long as the product. */
  private static final long FEW_ROWS = 32;

  /** Elements of an array that stays in the processor's cache, with others like it: 1 MiB. */
  private static final long CACHED = 1 << 18;

  private final Program program;
  private final List<dnnl_memory_desc> anyLayouts = new ArrayList<>();

  Passes(Program program) {
    this.program = program;
  }

  /**
   * What a primitive reads or writes.
   *
   * @param kind oneDNN's number for it
   * @param query oneDNN's number for its layout, if the primitive may choose it; else 0
   * @param view the array; null if there is none
   * @param write whether it is written
   */
  record Use(int kind, int query, View view, boolean write) {}

  static Use read(int kind, int query, View view) {
    return new Use(kind, query, view, false);
  }

  static Use written(int kind, int query, View view) {
    return new Use(kind, query, view, true);
  }

  static Use asIs(int kind, View view) {
    return new Use(kind, 0, view, false);
  }

  dnnl_engine engine() {
    return program.dnn().engine;
  }

  dnnl_memory_desc layout(View view) {
    return program.layout(view);
  }

  /** A shape whose layout the primitive chooses. */
  dnnl_memory_desc any(View view) {
    dnnl_memory_desc any = new dnnl_memory_desc();
    OneDnn.check(
        dnnl_memory_desc_create_with_tag(
            any, view.rank(), view.dims(), dnnl_f32, dnnl_format_tag_any),
        "any layout");
    anyLayouts.add(any);
    return any;
  }

  dnnl_primitive_desc description(String name) {
    return program.description(name);
  }

  String describe(String what, Program.Description description) {
    String name = program.describe(what, NOTHING, description);
    anyLayouts.forEach(d -> OneDnn.check(dnnl_memory_desc_destroy(d), "end of a layout"));
    anyLayouts.clear();
    return name;
  }

  /** Adds a primitive, with copies of what it wants in another layout before and after it. */
  void call(String description, List<Use> uses) {
    List<Argument> arguments = new ArrayList<>();
    List<Runnable> after = new ArrayList<>();
    for (Use use : uses) {
      if (use.view == null) {
        continue;
      }
      View other = use.query == 0 ? null : program.packed(description, use.query, use.view);
      if (other == null) {
        arguments.add(new Argument(use.kind, use.view));
        continue;
      }
      if (use.write) {
        after.add(() -> copy(other, use.view));
      } else {
        copy(use.view, other);
      }
      arguments.add(new Argument(use.kind, other));
    }
    program.call(description, NOTHING, arguments);
    after.forEach(Runnable::run);
  }

  /** Copies elements into another layout. */
  void copy(View from, View to) {
    String description =
        describe(
            "copy" + from + to,
            (pd, attr) ->
                dnnl_reorder_primitive_desc_create(
                    pd, layout(from), engine(), layout(to), engine(), attr));
    call(description, List.of(asIs(DNNL_ARG_FROM, from), asIs(DNNL_ARG_TO, to)));
  }

  /** Memory that is used inside the program only. */
  View temporary(long... dims) {
    return program.temporary(dims);
  }

  /**
   * The gradient of a normalisation of each channel {@code [C]} of {@code [N, C, H, W]} over all
   * else.
   *
   * @param statistics mean and variance, both {@code [C]}, if they do not depend on the array;
   *     empty if they are its own
   * @param own its own mean and unbiased variance, if they are known; else empty
   * @param scale {@code [C]}, or null
   * @param scaleGradient may be null
   * @param shiftGradient may be null
   */
  void channelNormGradient(
      View x,
      List<View> statistics,
      List<View> own,
      View scale,
      View gradient,
      View sourceGradient,
      View scaleGradient,
      View shiftGradient,
      double epsilon) {
    long channels = x.dim(1);
    int flags =
        (scale == null ? 0 : dnnl_use_scale | dnnl_use_shift)
            | (statistics.isEmpty() ? 0 : dnnl_use_global_stats);
    View gx = sourceGradient == null ? like(x) : sourceGradient;
    String forward =
        describe(
            "channel norm" + x + epsilon + "/" + flags,
            (pd, attr) ->
                dnnl_batch_normalization_forward_primitive_desc_create(
                    pd,
                    engine(),
                    dnnl_forward_training,
                    layout(x),
                    layout(gx),
                    (float) epsilon,
                    flags,
                    attr));
    View mean;
    View variance;
    if (!statistics.isEmpty()) {
      mean = statistics.get(0);
      variance = statistics.get(1);
    } else if (!own.isEmpty()) {
      mean = own.get(0);
      variance = temporary(channels);
      scaled(own.get(1), 1 - 1 / perChannel(x), variance);
    } else {
      mean = temporary(channels);
      variance = temporary(channels);
      // For the statistics; what else it gives is overwritten by the gradient.
      call(
          forward,
          List.of(
              asIs(DNNL_ARG_SRC, x),
              asIs(DNNL_ARG_SCALE, scale),
              asIs(DNNL_ARG_SHIFT, scale == null ? null : program.zeros(channels)),
              asIs(DNNL_ARG_MEAN, mean),
              asIs(DNNL_ARG_VARIANCE, variance),
              asIs(DNNL_ARG_DST, gx)));
    }
    String backward =
        describe(
            "channel norm gradient" + x + gradient + gx + epsilon + "/" + flags,
            (pd, attr) ->
                dnnl_batch_normalization_backward_primitive_desc_create(
                    pd,
                    engine(),
                    dnnl_backward,
                    layout(gx),
                    layout(gradient),
                    layout(x),
                    (float) epsilon,
                    flags,
                    description(forward),
                    attr));
    View gScale = scale == null ? null : orTemporary(scaleGradient, channels);
    View gShift = scale == null ? null : orTemporary(shiftGradient, channels);
    call(
        backward,
        List.of(
            asIs(DNNL_ARG_SRC, x),
            asIs(DNNL_ARG_SCALE, scale),
            asIs(DNNL_ARG_MEAN, mean),
            asIs(DNNL_ARG_VARIANCE, variance),
            asIs(DNNL_ARG_DIFF_DST, gradient),
            asIs(DNNL_ARG_DIFF_SRC, gx),
            asIs(DNNL_ARG_DIFF_SCALE, gScale),
            asIs(DNNL_ARG_DIFF_SHIFT, gShift)));
  }

  /**
   * Normalisation of each channel {@code [C]} of {@code [N, C, H, W]} over all else, with its
   * statistics.
   */
  void channelNorm(
      View x, View scale, View shift, View y, View mean, View unbiasedVariance, double epsilon) {
    int flags = dnnl_use_scale | dnnl_use_shift;
    View variance = temporary(x.dim(1));
    String forward =
        describe(
            "channel norm" + x + y + epsilon,
            (pd, attr) ->
                dnnl_batch_normalization_forward_primitive_desc_create(
                    pd,
                    engine(),
                    dnnl_forward_training,
                    layout(x),
                    layout(y),
                    (float) epsilon,
                    flags,
                    attr));
    call(
        forward,
        List.of(
            asIs(DNNL_ARG_SRC, x),
            asIs(DNNL_ARG_SCALE, scale),
            asIs(DNNL_ARG_SHIFT, shift),
            asIs(DNNL_ARG_MEAN, mean),
            asIs(DNNL_ARG_VARIANCE, variance),
            asIs(DNNL_ARG_DST, y)));
    double n = perChannel(x);
    scaled(variance, n / (n - 1), unbiasedVariance);
  }

  private static double perChannel(View x) {
    return (double) x.length() / x.dim(1);
  }

  private void scaled(View x, double factor, View y) {
    new Assembler(program).apply(PostOp.scale(factor), x, y);
  }

  /** Memory inside the program for an array of the shape and layout of another one. */
  View like(View x) {
    return x.isChannelsLast()
        ? temporary(x.dim(0), x.dim(2), x.dim(3), x.dim(1)).permuted(0, 3, 1, 2)
        : temporary(x.dims());
  }

  private View orTemporary(View view, long... dims) {
    return view == null ? temporary(dims) : view;
  }

  /** The gradient of a normalisation over the last axis with scale and shift. */
  void layerNormGradient(
      View x,
      View scale,
      View gradient,
      View sourceGradient,
      View scaleGradient,
      View shiftGradient,
      double epsilon) {
    long channels = x.dim(x.rank() - 1);
    View mean = temporary(x.length() / channels);
    View variance = temporary(x.length() / channels);
    View y = temporary(x.dims());
    View gx = orTemporary(sourceGradient, x.dims());
    int flags = dnnl_use_scale | dnnl_use_shift;
    String forward =
        describe(
            "layer norm" + x + epsilon,
            (pd, attr) ->
                dnnl_layer_normalization_forward_primitive_desc_create(
                    pd,
                    engine(),
                    dnnl_forward_training,
                    layout(x),
                    layout(y),
                    null,
                    (float) epsilon,
                    flags,
                    attr));
    call(
        forward,
        List.of(
            asIs(DNNL_ARG_SRC, x),
            asIs(DNNL_ARG_SCALE, scale),
            asIs(DNNL_ARG_SHIFT, program.zeros(channels)),
            asIs(DNNL_ARG_MEAN, mean),
            asIs(DNNL_ARG_VARIANCE, variance),
            asIs(DNNL_ARG_DST, y)));
    String backward =
        describe(
            "layer norm gradient" + x + gradient + gx + epsilon,
            (pd, attr) ->
                dnnl_layer_normalization_backward_primitive_desc_create(
                    pd,
                    engine(),
                    dnnl_backward,
                    layout(gx),
                    layout(gradient),
                    layout(x),
                    null,
                    (float) epsilon,
                    flags,
                    description(forward),
                    attr));
    call(
        backward,
        List.of(
            asIs(DNNL_ARG_SRC, x),
            asIs(DNNL_ARG_SCALE, scale),
            asIs(DNNL_ARG_MEAN, mean),
            asIs(DNNL_ARG_VARIANCE, variance),
            asIs(DNNL_ARG_DIFF_DST, gradient),
            asIs(DNNL_ARG_DIFF_SRC, gx),
            asIs(DNNL_ARG_DIFF_SCALE, orTemporary(scaleGradient, channels)),
            asIs(DNNL_ARG_DIFF_SHIFT, orTemporary(shiftGradient, channels))));
  }

  /**
   * The gradient of an element-wise function.
   *
   * @param algorithm oneDNN's number
   * @param argument oneDNN's number for what it is computed from: source or destination
   * @param x that
   */
  void functionGradient(int algorithm, int argument, View x, View gradient, View sourceGradient) {
    String forward =
        describe(
            "function" + algorithm + x,
            (pd, attr) ->
                dnnl_eltwise_forward_primitive_desc_create(
                    pd,
                    engine(),
                    dnnl_forward_training,
                    algorithm,
                    layout(x),
                    layout(x),
                    0,
                    0,
                    attr));
    String backward =
        describe(
            "function gradient" + algorithm + x + gradient + sourceGradient,
            (pd, attr) ->
                dnnl_eltwise_backward_primitive_desc_create(
                    pd,
                    engine(),
                    algorithm,
                    layout(sourceGradient),
                    layout(gradient),
                    layout(x),
                    0,
                    0,
                    description(forward),
                    attr));
    call(
        backward,
        List.of(
            asIs(argument, x),
            asIs(DNNL_ARG_DIFF_DST, gradient),
            asIs(DNNL_ARG_DIFF_SRC, sourceGradient)));
  }

  /** Softmax along an axis. */
  void softmax(View x, View y, int axis) {
    call(softmaxDescription(x, y, axis), List.of(asIs(DNNL_ARG_SRC, x), asIs(DNNL_ARG_DST, y)));
  }

  private String softmaxDescription(View x, View y, int axis) {
    return describe(
        "softmax" + x + y + axis,
        (pd, attr) ->
            dnnl_softmax_forward_primitive_desc_create(
                pd,
                engine(),
                dnnl_forward_training,
                dnnl_softmax_accurate,
                layout(x),
                layout(y),
                axis,
                attr));
  }

  /**
   * The gradient of softmax along the last axis from its result y: y (g - Σ y g). oneDNN's own
   * primitive for it is a plain loop, ten times as slow on processors without AVX-512.
   *
   * @param y contiguous, like the gradients
   * @param gradient with respect to y
   * @param sourceGradient may be the gradient's memory
   */
  void softmaxGradient(View y, View gradient, View sourceGradient) {
    long last = y.dim(y.rank() - 1);
    long rows = y.length() / last;
    View all = y.reshaped(rows, last);
    View of = gradient.reshaped(rows, last);
    View to = sourceGradient.reshaped(rows, last);
    float[] values = new float[(int) last];
    Arrays.fill(values, 1);
    View ones = program.constant(values, last, 1);
    long step = Math.max(1, CACHED / last);
    for (long from = 0; from < rows; from += step) {
      long end = Math.min(rows, from + step);
      softmaxGradient(all.part(0, from, end), of.part(0, from, end), to.part(0, from, end), ones);
    }
  }

  private void softmaxGradient(View y, View gradient, View sourceGradient, View ones) {
    Assembler assembler = new Assembler(program);
    long rows = y.dim(0);
    long last = y.dim(1);
    View products = temporary(rows, last);
    assembler.multiply(y, gradient, products);
    View sums = temporary(rows, 1);
    assembler.product(products, ones, null, sums);
    // As channels: oneDNN's loops know numbers for each channel.
    assembler.subtract(
        gradient.reshaped(1, rows, last),
        sums.reshaped(1, rows, 1),
        sourceGradient.reshaped(1, rows, last),
        PostOp.times(y.reshaped(1, rows, last)));
  }

  /**
   * A product of matrices, with the second one transposed beforehand: oneDNN's products are about
   * twice as fast so, and the copy is little beside them.
   */
  void product(View a, View b, View c) {
    int n = b.rank();
    boolean isTransposed = b.strides()[n - 2] == 1;
    if (isTransposed || a.dim(n - 2) < FEW_ROWS) {
      new Assembler(program).product(a, b, null, c);
      return;
    }
    View copy = temporary(b.transposed().dims());
    copy(b.transposed(), copy);
    new Assembler(program).product(a, copy.transposed(), null, c);
  }

  /**
   * The gradient of bilinear interpolation to twice the size: with its border repeated, the
   * gradient is seen by each pixel through the same four by four weights. (oneDNN has a primitive
   * for this, ten times as slow.)
   */
  void doublingGradient(View gradient, View sourceGradient) {
    long channels = gradient.dim(1);
    long height = gradient.dim(2);
    long width = gradient.dim(3);
    View padded = temporary(gradient.dim(0), channels, height + 2, width + 2);
    View rows = padded.part(3, 1, width + 1);
    copy(gradient, rows.part(2, 1, height + 1));
    copy(gradient.part(2, 0, 1), rows.part(2, 0, 1));
    copy(gradient.part(2, height - 1, height), rows.part(2, height + 1, height + 2));
    copy(padded.part(3, 1, 2), padded.part(3, 0, 1));
    copy(padded.part(3, width, width + 1), padded.part(3, width + 1, width + 2));
    float[] weights = new float[(int) channels * 16];
    float[] line = {0.25f, 0.75f, 0.75f, 0.25f};
    for (int i = 0; i < weights.length; i++) {
      weights[i] = line[i / 4 % 4] * line[i % 4];
    }
    new Correlation(
            this,
            false,
            padded,
            program.constant(weights, channels, 1, 1, 4, 4),
            null,
            sourceGradient,
            new long[] {2, 2},
            new long[] {0, 0})
        .write();
  }
}
