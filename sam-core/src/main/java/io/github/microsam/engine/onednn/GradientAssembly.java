package io.github.microsam.engine.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_gelu_erf;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_logistic_use_dst_for_bwd;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu_use_dst_for_bwd;

import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.Arrays;
import java.util.List;

/**
 * Writes the program of a region's gradient: from its inputs, its output and the gradient with
 * respect to that to the gradients with respect to the inputs. What it does not look at is not kept
 * from the forward pass.
 */
final class GradientAssembly {
  private final Program program;
  private final Passes to;
  private final Assembler assembler;
  private final Region region;
  private final List<View> in;
  private final List<View> observables;
  private final View result;
  private final View gradient;
  private final List<View> out;

  private GradientAssembly(Program program, Region region, List<View> in, List<View> out) {
    this.program = program;
    to = new Passes(program);
    assembler = new Assembler(program);
    this.region = region;
    int inputs = region.inputs().size();
    this.in = in.subList(0, inputs);
    observables = in.subList(inputs, in.size() - 2);
    result = in.get(in.size() - 2);
    gradient = in.get(in.size() - 1);
    this.out = out;
  }

  /** Whether there is a program for the gradient of a region. */
  static boolean knows(Region region) {
    return switch (region.kind()) {
      case Regions.LINEAR -> region.attributes().get("activation").equals("none");
      case Regions.ATTENTION,
          Regions.CONVOLUTION,
          Regions.DEPTHWISE_CONVOLUTION,
          Regions.DOUBLING_CONVOLUTION,
          Regions.LAYER_NORM,
          Regions.LAYER_NORM_2D,
          Regions.BATCH_NORM,
          Regions.INSTANCE_NORM,
          Regions.GELU,
          Regions.RELU,
          Regions.SIGMOID,
          Regions.DOUBLING ->
          true;
      default -> false;
    };
  }

  /**
   * Writes.
   *
   * @param program where to
   * @param region the region
   * @param in its inputs, its observables, its output, and the gradient with respect to that
   * @param out the gradients with respect to its inputs; null where one is not wanted
   */
  static void write(Program program, Region region, List<View> in, List<View> out) {
    new GradientAssembly(program, region, in, out).write();
  }

  private void write() {
    switch (region.kind()) {
      case Regions.LINEAR -> linear();
      case Regions.CONVOLUTION -> correlation(false, in.get(1), out.get(1), stride(), padding());
      case Regions.DEPTHWISE_CONVOLUTION -> {
        correlation(false, inGroups(in.get(1)), inGroups(out.get(1)), stride(), padding());
      }
      case Regions.DOUBLING_CONVOLUTION ->
          correlation(true, outFirst(in.get(1)), outFirst(out.get(1)), 2, 0);
      case Regions.ATTENTION -> attention();
      case Regions.LAYER_NORM ->
          to.layerNormGradient(
              in.get(0), in.get(1), gradient, out.get(0), out.get(1), out.get(2), epsilon());
      case Regions.LAYER_NORM_2D -> pixelNorm();
      case Regions.BATCH_NORM ->
          to.channelNormGradient(
              in.get(0),
              in.subList(3, in.size()),
              observables,
              in.get(1),
              gradient,
              out.get(0),
              out.get(1),
              out.get(2),
              epsilon());
      case Regions.INSTANCE_NORM -> instanceNorm();
      case Regions.GELU -> function(dnnl_eltwise_gelu_erf, DNNL_ARG_SRC, in.get(0));
      case Regions.RELU -> function(dnnl_eltwise_relu_use_dst_for_bwd, DNNL_ARG_DST, result);
      case Regions.SIGMOID -> function(dnnl_eltwise_logistic_use_dst_for_bwd, DNNL_ARG_DST, result);
      case Regions.DOUBLING -> to.doublingGradient(gradient, out.get(0));
      default -> throw new IllegalArgumentException("no gradient of " + region.kind());
    }
  }

  private long stride() {
    return (int) region.attributes().get("stride");
  }

  private long padding() {
    return (int) region.attributes().get("padding");
  }

  private double epsilon() {
    return (double) region.attributes().get("epsilon");
  }

  /** {@code [C, 1, k, k]} as one group a channel. */
  private static View inGroups(View weights) {
    return weights == null
        ? null
        : weights.reshaped(weights.dim(0), 1, 1, weights.dim(2), weights.dim(3));
  }

  /** {@code [in, out, k, k]} with the first two axes exchanged. */
  private static View outFirst(View weights) {
    return weights == null ? null : weights.permuted(1, 0, 2, 3);
  }

  private void correlation(
      boolean transposed, View weights, View weightsGradient, long stride, long padding) {
    View bias = in.size() > 2 ? in.get(2) : null;
    View biasGradient = in.size() > 2 ? out.get(2) : null;
    Correlation correlation =
        new Correlation(
            to,
            transposed,
            in.get(0),
            weights,
            bias,
            gradient,
            new long[] {stride, stride},
            new long[] {padding, padding});
    if (out.get(0) != null) {
      correlation.writeSourceGradient(out.get(0), gradient);
    }
    if (weightsGradient != null || biasGradient != null) {
      View target = weightsGradient == null ? to.temporary(weights.dims()) : weightsGradient;
      correlation.writeWeightsGradient(target, biasGradient, gradient);
    }
  }

  private void linear() {
    View x = rows(in.get(0));
    View g = rows(gradient);
    if (out.get(0) != null) {
      assembler.linear(g, in.get(1).transposed(), null, rows(out.get(0)));
    }
    if (out.get(1) != null) {
      View columns = to.temporary(g.dim(1), g.dim(0));
      to.copy(g.transposed(), columns);
      assembler.linear(columns, x.transposed(), null, out.get(1));
    }
    if (out.get(2) != null) {
      float[] ones = new float[(int) g.dim(0)];
      Arrays.fill(ones, 1);
      View sum = out.get(2).reshaped(1, g.dim(1));
      assembler.product(program.constant(ones, 1, g.dim(0)), g, null, sum);
    }
  }

  private void attention() {
    View qkv = in.get(0);
    AttentionGradient.add(
        program,
        qkv,
        in.get(1),
        in.get(2),
        result,
        gradient,
        out.get(0) == null ? to.temporary(qkv.dims()) : out.get(0),
        out.get(1),
        out.get(2),
        (int) region.attributes().get("heads"));
  }

  private static View rows(View x) {
    long last = x.dim(x.rank() - 1);
    return x.reshaped(x.length() / last, last);
  }

  /** The norm over the channels of each pixel, which are made the last axis for it. */
  private void pixelNorm() {
    View x = channelsLast(in.get(0));
    View g = channelsLast(gradient);
    View gx = out.get(0) == null ? null : to.temporary(x.dims());
    to.layerNormGradient(x, in.get(1), g, gx, out.get(1), out.get(2), epsilon());
    if (gx != null) {
      to.copy(gx, out.get(0).permuted(0, 2, 3, 1));
    }
  }

  private View channelsLast(View x) {
    View last = x.permuted(0, 2, 3, 1);
    View copy = to.temporary(last.dims());
    to.copy(last, copy);
    return copy;
  }

  /** Each channel of each image is a channel of its own. */
  private void instanceNorm() {
    to.channelNormGradient(
        oneImage(in.get(0)),
        List.of(),
        List.of(),
        null,
        oneImage(gradient),
        oneImage(out.get(0)),
        null,
        null,
        epsilon());
    center(oneImage(out.get(0)));
  }

  /**
   * Takes from each channel its mean, which is rounding: what goes through a norm sums up to zero,
   * and the bias of a layer before it has no gradient but that sum.
   */
  private void center(View x) {
    long channels = x.dim(1);
    long pixels = x.length() / channels;
    float[] shares = new float[(int) pixels];
    Arrays.fill(shares, 1f / pixels);
    View means = to.temporary(channels, 1);
    View flat = x.reshaped(channels, pixels);
    assembler.product(flat, program.constant(shares, pixels, 1), null, means);
    View rows = flat.reshaped(1, channels, pixels);
    assembler.subtract(rows, means.reshaped(1, channels, 1), rows);
  }

  private static View oneImage(View x) {
    return x.reshaped(1, x.dim(0) * x.dim(1), x.dim(2), x.dim(3));
  }

  private void function(int algorithm, int argument, View x) {
    View flat = x.reshaped(x.length());
    to.functionGradient(
        algorithm, argument, flat, gradient.reshaped(x.length()), out.get(0).reshaped(x.length()));
  }
}
