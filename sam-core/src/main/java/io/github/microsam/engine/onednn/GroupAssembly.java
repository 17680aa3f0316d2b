package io.github.microsam.engine.onednn;

import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.nd4j.autodiff.samediff.VariableType;

/**
 * Writes the program of a region, or of the regions of a group. Maps lie in memory channels last,
 * whatever their axes are called, so that tokens and maps are the same thing. What follows a
 * product or a convolution and can be computed with it (a norm with given statistics, an
 * activation, a residual) is.
 */
final class GroupAssembly {
  /** Kinds that gain nothing by themselves over the stock operation. */
  private static final Set<String> ONLY_IN_GROUPS =
      Set.of(
          Regions.RELU,
          Regions.SIGMOID,
          Regions.TOKENS_AS_MAP,
          Regions.CONCATENATION,
          Regions.CHANNELS,
          Regions.CHANNELS_LAST,
          Regions.CHANNELS_FIRST);

  private static final Set<String> KINDS =
      Set.of(
          Regions.LINEAR,
          Regions.SUM,
          Regions.BIASED_ATTENTION,
          Regions.SHARED_KEYS,
          Regions.SHARED_QUERIES,
          Regions.FILTERED,
          Regions.LAYER_NORM,
          Regions.LAYER_NORM_2D,
          Regions.GELU,
          Regions.ATTENTION,
          Regions.CONVOLUTION,
          Regions.DEPTHWISE_CONVOLUTION,
          Regions.DOUBLING_CONVOLUTION,
          Regions.BATCH_NORM,
          Regions.INSTANCE_NORM,
          Regions.DOUBLING,
          Regions.WINDOWS,
          Regions.UNWINDOWED);

  private final Assembler to;
  private final List<Region> parts;
  private final GroupValues values;
  private final MapAssembly maps;

  private GroupAssembly(Assembler to, Region region, List<View> in, View output) {
    this.to = to;
    parts = region.parts().isEmpty() ? List.of(region) : region.parts();
    values = new GroupValues(to, region, parts, in, output);
    maps = new MapAssembly(to, values);
  }

  /** Whether there is a program for a region. */
  static boolean knows(Region region) {
    return region.parts().isEmpty()
        ? KINDS.contains(region.kind())
        : region.parts().stream()
            .allMatch(p -> KINDS.contains(p.kind()) || ONLY_IN_GROUPS.contains(p.kind()));
  }

  /**
   * Writes the program of a region.
   *
   * @param to where to
   * @param region the region
   * @param in its inputs
   * @param output its output
   */
  static void write(Assembler to, Region region, List<View> in, View output) {
    if (!(boolean) region.attributes().getOrDefault("one_by_one", false)) {
      new GroupAssembly(to, region, in, output).write();
      return;
    }
    for (long n = 0; n < output.dim(0); n++) {
      long one = n;
      List<View> slices = new ArrayList<>();
      for (int i = 0; i < in.size(); i++) {
        View x = in.get(i);
        VariableType type = region.inputs().get(i).getVariableType();
        boolean weight = type == VariableType.VARIABLE || type == VariableType.CONSTANT;
        boolean shared = weight || x.dim(0) == 1;
        slices.add(shared ? x : x.part(0, one, one + 1));
      }
      new GroupAssembly(to, region, slices, output.part(0, n, n + 1)).write();
    }
  }

  private void write() {
    for (Region part : parts) {
      if (values.done(part)) {
        write(part);
      }
    }
    values.finish();
  }

  private void write(Region part) {
    switch (part.kind()) {
      case Regions.LINEAR -> linear(part);
      case Regions.CONVOLUTION -> maps.convolution(part);
      case Regions.DEPTHWISE_CONVOLUTION -> maps.depthwise(part);
      case Regions.DOUBLING_CONVOLUTION -> maps.doublingConvolution(part);
      case Regions.LAYER_NORM -> layerNorm(part, values.contiguous(values.input(part, 0)));
      case Regions.LAYER_NORM_2D ->
          layerNorm(part, values.channelsLast(values.input(part, 0)).permuted(0, 2, 3, 1));
      case Regions.BATCH_NORM -> maps.batchNorm(part);
      case Regions.INSTANCE_NORM -> maps.instanceNorm(part);
      case Regions.GELU -> apply(part, PostOp.GELU);
      case Regions.RELU -> apply(part, PostOp.RELU);
      case Regions.SIGMOID -> apply(part, PostOp.SIGMOID);
      case Regions.SUM -> sum(part);
      case Regions.DOUBLING -> maps.doubling(part);
      case Regions.CONCATENATION -> maps.concatenation(part);
      case Regions.CHANNELS -> maps.channels(part);
      case Regions.CHANNELS_LAST -> values.put(part, values.input(part, 0).permuted(0, 2, 3, 1));
      case Regions.CHANNELS_FIRST -> values.put(part, values.input(part, 0).permuted(0, 3, 1, 2));
      case Regions.WINDOWS -> cut(part);
      case Regions.UNWINDOWED -> values.put(part, joined(part, values.input(part, 0)));
      case Regions.ATTENTION -> attention(part);
      case Regions.BIASED_ATTENTION -> biasedAttention(part);
      case Regions.SHARED_KEYS, Regions.SHARED_QUERIES -> promptAttention(part);
      case Regions.TOKENS_AS_MAP -> values.put(part, map(part));
      case Regions.FILTERED -> filtered(part);
      default -> throw new IllegalArgumentException("no program for " + part.kind());
    }
  }

  private void linear(Region part) {
    View x = values.contiguous(values.input(part, 0));
    View weight = values.input(part, 1);
    String name = part.output().name();
    boolean activated = !part.attributes().get("activation").equals("none");
    Region reader = values.onlyReader(name);
    if (!activated && reader != null && reader.kind().equals(Regions.UNWINDOWED)) {
      // A map has fewer tokens than its windows.
      values.done(reader);
      name = reader.output().name();
      x = joined(reader, x);
    }
    long out = weight.dim(0);
    long in = weight.dim(1);
    long[] dims = x.dims().clone();
    dims[dims.length - 1] = out;
    long rows = x.length() / in;
    Tail tail = new Tail(values, name, rows * out);
    if (activated) {
      tail.then.add(activation(part));
    }
    tail.extended(false, false);
    View y = values.newTokens(tail.name, dims);
    to.linear(
        x.reshaped(rows, in), weight, values.input(part, 2), y.reshaped(rows, out), tail.then());
    values.put(tail.name, y);
  }

  private static PostOp activation(Region part) {
    return part.attributes().get("activation").equals("gelu") ? PostOp.GELU : PostOp.RELU;
  }

  private void attention(Region part) {
    View qkv = values.contiguous(values.input(part, 0));
    long[] dims = qkv.dims().clone();
    dims[3] /= 3;
    View y = values.newTokens(part.output().name(), dims);
    int heads = (int) part.attributes().get("heads");
    WindowAttention.add(to, qkv, values.input(part, 1), values.input(part, 2), y, heads);
    values.put(part, y);
  }

  private void biasedAttention(Region part) {
    View qkv = values.contiguous(values.input(part, 0));
    long[] dims = qkv.dims().clone();
    dims[3] /= 3;
    View y = values.newTokens(part.output().name(), dims);
    long tokens = dims[1] * dims[2];
    BiasedAttention.add(
        to,
        qkv.reshaped(dims[0], tokens, 3 * dims[3]),
        part.inputs().size() == 1 ? null : values.contiguous(values.input(part, 1)),
        y.reshaped(dims[0], tokens, dims[3]),
        (int) part.attributes().get("heads"));
    values.put(part, y);
  }

  private void promptAttention(Region part) {
    View q = values.contiguous(values.input(part, 0));
    View k = values.contiguous(values.input(part, 1));
    View v = values.contiguous(values.input(part, 2));
    int heads = (int) part.attributes().get("heads");
    String name = part.output().name();
    View y;
    if (part.kind().equals(Regions.SHARED_KEYS)) {
      y = values.newTokens(name, q.dims());
      PromptAttention.sharedKeys(to, q, k, v, y, heads);
    } else {
      y = values.newTokens(name, k.dim(0), q.dim(1), q.dim(2));
      PromptAttention.sharedQueries(to, q, k, v, y, heads);
    }
    values.put(part, y);
  }

  private View map(Region part) {
    View x = values.contiguous(values.input(part, 0));
    long side = (long) part.attributes().get("side");
    return x.reshaped(x.dim(0), side, side, x.dim(2)).permuted(0, 3, 1, 2);
  }

  private void filtered(Region part) {
    View filters = values.contiguous(values.input(part, 0));
    View map = values.channelsLast(values.input(part, 1));
    long n = map.dim(0);
    long pixels = map.dim(2) * map.dim(3);
    View y = values.newTokens(part.output().name(), n, filters.dim(1), map.dim(2), map.dim(3));
    to.product(
        filters,
        map.permuted(0, 2, 3, 1).reshaped(n, pixels, map.dim(1)).transposed(),
        null,
        y.reshaped(n, filters.dim(1), pixels));
    values.put(part, y);
  }

  private void cut(Region part) {
    View x = values.contiguous(values.input(part, 0));
    int side = (int) part.attributes().get("side");
    Windows windows = new Windows(x.dims(), side);
    String name = part.output().name();
    if (windows.isPadded() && isReadByAttention(name)) {
      cutAfterLinear(values.onlyReader(name), x, side);
      return;
    }
    View y = values.newTokens(name, windows.shape());
    windows.cut(to, x, y);
    values.put(part, y);
  }

  /** Whether all that a value is read for is to make queries, keys and values of it. */
  private boolean isReadByAttention(String name) {
    Region linear = values.onlyReader(name);
    if (linear == null
        || !linear.kind().equals(Regions.LINEAR)
        || !linear.attributes().get("activation").equals("none")) {
      return false;
    }
    Region attention = values.onlyReader(linear.output().name());
    return attention != null && attention.kind().equals(Regions.ATTENTION);
  }

  /**
   * A map has fewer tokens than its windows; those outside of it are zeros, which give the bias.
   */
  private void cutAfterLinear(Region linear, View x, long side) {
    View weight = values.input(linear, 1);
    View bias = values.input(linear, 2);
    long out = weight.dim(0);
    long rows = x.length() / weight.dim(1);
    long[] dims = {x.dim(0), x.dim(1), x.dim(2), out};
    View map = to.temporary(dims);
    to.linear(x.reshaped(rows, weight.dim(1)), weight, bias, map.reshaped(rows, out));
    Windows windows = new Windows(dims, side);
    View y = values.newTokens(linear.output().name(), windows.shape());
    windows.cutAndFill(to, map, y, bias);
    values.done(linear);
    values.put(linear, y);
  }

  private View joined(Region part, View x) {
    View windows = values.contiguous(x);
    long side = (int) part.attributes().get("side");
    long height = (long) part.attributes().get("height");
    long width = (long) part.attributes().get("width");
    long each = ((height + side - 1) / side) * ((width + side - 1) / side);
    long[] dims = {windows.dim(0) / each, height, width, windows.dim(3)};
    View y = to.temporary(dims);
    new Windows(dims, side).join(to, windows, y);
    return y;
  }

  private void layerNorm(Region part, View x) {
    boolean map = part.kind().equals(Regions.LAYER_NORM_2D);
    String name = part.output().name();
    long channels = x.dim(x.rank() - 1);
    long[] rows = {x.length() / channels, channels};
    View y =
        map
            ? values.newMap(name, x.dim(0), channels, x.dim(1), x.dim(2))
            : values.newTokens(name, x.dims());
    View flat = map ? y.permuted(0, 2, 3, 1) : y;
    to.layerNorm(
        x.reshaped(rows),
        values.input(part, 1),
        values.input(part, 2),
        flat.reshaped(rows),
        (double) part.attributes().get("epsilon"));
    values.put(part, y);
  }

  private void apply(Region part, PostOp function) {
    View x = values.input(part, 0);
    View y;
    if (x.rank() == 4 && x.isChannelsLast()) {
      y = values.newMap(part.output().name(), x.dim(0), x.dim(1), x.dim(2), x.dim(3));
    } else {
      x = values.contiguous(x);
      y = values.newTokens(part.output().name(), x.dims());
    }
    to.apply(function, x, y);
    values.put(part, y);
  }

  private void sum(Region part) {
    View x = values.input(part, 0);
    View term = values.input(part, 1);
    if (Arrays.equals(x.dims(), term.dims()) && !x.isContiguous() && x.isChannelsLast()) {
      term = values.channelsLast(term);
      View y = values.newMap(part.output().name(), x.dim(0), x.dim(1), x.dim(2), x.dim(3));
      to.add(x, term, y);
      values.put(part, y);
      return;
    }
    if (x.length() < term.length()) {
      View smaller = x;
      x = term;
      term = smaller;
    }
    View y = values.newTokens(part.output().name(), x.dims());
    long each = term.length();
    long[] rows = {x.length() / each, each};
    to.add(
        values.contiguous(x).reshaped(rows),
        values.contiguous(term).reshaped(1, each),
        y.reshaped(rows));
    values.put(part, y);
  }
}
