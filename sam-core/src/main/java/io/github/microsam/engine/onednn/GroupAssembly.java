package io.github.microsam.engine.onednn;

import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.VariableType;

/**
 * Writes the program of a region, or of the regions of a group. Maps lie in memory channels last,
 * whatever their axes are called, so that tokens and maps are the same thing. What follows a
 * product or a convolution and can be computed with it (a norm with given statistics, an
 * activation, a residual) is. Maps that are concatenated stay apart until something needs them
 * together.
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

  private static final PostOp[] NOTHING = {};

  private final Assembler to;
  private final List<Region> parts;
  private final String outputName;
  private final View output;

  /** Maps that have been written, by name; several if they are concatenated along the channels. */
  private final Map<String, List<View>> values = new HashMap<>();

  private final Map<String, List<Region>> readers = new HashMap<>();
  private final Set<Region> done = new HashSet<>();

  /** Maps that one part reads only, which may therefore write its result over them. */
  private final Set<Place> overwritable = new HashSet<>();

  private GroupAssembly(Assembler to, Region region, List<View> in, View output) {
    this.to = to;
    this.output = output;
    parts = region.parts().isEmpty() ? List.of(region) : region.parts();
    outputName = region.output().name();
    for (int i = 0; i < in.size(); i++) {
      values.put(region.inputNames().get(i), List.of(in.get(i)));
    }
    for (Region part : parts) {
      part.inputNames().forEach(n -> readers.computeIfAbsent(n, k -> new ArrayList<>()).add(part));
    }
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
      if (done.add(part)) {
        write(part);
      }
    }
    View result = single(outputName);
    if (result.place() != output.place()) {
      to.copy(result, output);
    }
  }

  private void write(Region part) {
    switch (part.kind()) {
      case Regions.LINEAR -> linear(part);
      case Regions.CONVOLUTION -> convolution(part);
      case Regions.DEPTHWISE_CONVOLUTION -> depthwise(part);
      case Regions.DOUBLING_CONVOLUTION -> doublingConvolution(part);
      case Regions.LAYER_NORM -> layerNorm(part, contiguous(input(part, 0)));
      case Regions.LAYER_NORM_2D ->
          layerNorm(part, channelsLast(input(part, 0)).permuted(0, 2, 3, 1));
      case Regions.BATCH_NORM -> batchNorm(part);
      case Regions.INSTANCE_NORM -> instanceNorm(part);
      case Regions.GELU -> apply(part, PostOp.GELU);
      case Regions.RELU -> apply(part, PostOp.RELU);
      case Regions.SIGMOID -> apply(part, PostOp.SIGMOID);
      case Regions.SUM -> sum(part);
      case Regions.DOUBLING -> doubling(part);
      case Regions.CONCATENATION -> concatenation(part);
      case Regions.CHANNELS -> put(part, channels(part));
      case Regions.CHANNELS_LAST -> put(part, input(part, 0).permuted(0, 2, 3, 1));
      case Regions.CHANNELS_FIRST -> put(part, input(part, 0).permuted(0, 3, 1, 2));
      case Regions.WINDOWS -> cut(part);
      case Regions.UNWINDOWED -> put(part, joined(part, input(part, 0)));
      case Regions.ATTENTION -> attention(part);
      case Regions.BIASED_ATTENTION -> biasedAttention(part);
      case Regions.SHARED_KEYS, Regions.SHARED_QUERIES -> promptAttention(part);
      case Regions.TOKENS_AS_MAP -> put(part, map(part));
      case Regions.FILTERED -> filtered(part);
      default -> throw new IllegalArgumentException("no program for " + part.kind());
    }
  }

  // What has been written, and where results go.

  private void put(Region part, View value) {
    values.put(part.output().name(), List.of(value));
  }

  private View input(Region part, int index) {
    return single(part.inputNames().get(index));
  }

  /** A value in one piece. */
  private View single(String name) {
    List<View> pieces = values.get(name);
    if (pieces.size() == 1) {
      return pieces.get(0);
    }
    long channels = pieces.stream().mapToLong(v -> v.dim(1)).sum();
    View first = pieces.get(0);
    View whole = to.temporaryMap(first.dim(0), channels, first.dim(2), first.dim(3));
    long from = 0;
    for (View piece : pieces) {
      to.copy(piece, whole.part(1, from, from + piece.dim(1)));
      from += piece.dim(1);
    }
    values.put(name, List.of(whole));
    return whole;
  }

  private View contiguous(View x) {
    if (x.isContiguous()) {
      return x;
    }
    View copy = to.temporary(x.dims());
    to.copy(x, copy);
    return copy;
  }

  private View channelsLast(View x) {
    if (x.isChannelsLast()) {
      return x;
    }
    View copy = to.temporaryMap(x.dim(0), x.dim(1), x.dim(2), x.dim(3));
    to.copy(x, copy);
    return copy;
  }

  /** The part that reads a value if there is one only, which then may take it in; else null. */
  private Region onlyReader(String name) {
    List<Region> all = readers.getOrDefault(name, List.of());
    return all.size() == 1 && !name.equals(outputName) ? all.get(0) : null;
  }

  /** The output as a result would have to be laid out for it, if it ends there; else null. */
  private View place(String name) {
    if (name.equals(outputName)) {
      return output;
    }
    Region reader = onlyReader(name);
    if (reader == null) {
      return null;
    }
    View later =
        switch (reader.kind()) {
          case Regions.CHANNELS_LAST, Regions.CHANNELS_FIRST -> place(reader.output().name());
          default -> null;
        };
    if (later == null) {
      return null;
    }
    return reader.kind().equals(Regions.CHANNELS_LAST)
        ? later.permuted(0, 3, 1, 2)
        : later.permuted(0, 2, 3, 1);
  }

  private View newTokens(String name, long... dims) {
    View place = place(name);
    return place != null && place.isContiguous() ? place.reshaped(dims) : to.temporary(dims);
  }

  private View newMap(String name, long n, long channels, long height, long width) {
    View place = place(name);
    if (place != null && place.isChannelsLast()) {
      return place;
    }
    View map = to.temporaryMap(n, channels, height, width);
    if (onlyReader(name) != null) {
      overwritable.add(map.place());
    }
    return map;
  }

  // What follows a product or a convolution.

  /** What is computed together with a result, and what it is called then. */
  private final class Tail {
    String name;
    final long length;
    Region norm;
    final List<PostOp> then = new ArrayList<>();

    Tail(String name, long length) {
      this.name = name;
      this.length = length;
    }

    PostOp[] then() {
      return then.toArray(PostOp[]::new);
    }

    /** Takes in what only reads this result; a norm if nothing else was taken in before. */
    Tail extended(boolean takesNorm, boolean map) {
      Region next = onlyReader(name);
      while (next != null && !done.contains(next)) {
        PostOp p =
            switch (next.kind()) {
              case Regions.GELU -> PostOp.GELU;
              case Regions.RELU -> PostOp.RELU;
              case Regions.SIGMOID -> PostOp.SIGMOID;
              case Regions.SUM -> residual(next, map);
              default -> null;
            };
        if (p != null) {
          then.add(p);
        } else if (takesNorm && then.isEmpty() && norm == null && hasStatistics(next)) {
          norm = next;
        } else {
          break;
        }
        done.add(next);
        name = next.output().name();
        next = onlyReader(name);
      }
      return this;
    }

    private PostOp residual(Region sum, boolean map) {
      int other = sum.inputNames().get(0).equals(name) ? 1 : 0;
      String term = sum.inputNames().get(other);
      if (!values.containsKey(term) || sum.inputNames().get(1 - other).equals(term)) {
        return null;
      }
      View x = single(term);
      if (x.length() != length) {
        return null;
      }
      if (map) {
        return PostOp.plus(channelsLast(x));
      }
      long last = x.dim(x.rank() - 1);
      return x.isContiguous() ? PostOp.plus(x.reshaped(x.length() / last, last)) : null;
    }
  }

  /** The tail of what gives a map of this shape. */
  private Tail tail(Region part, boolean takesNorm, long... dims) {
    return new Tail(part.output().name(), View.length(dims)).extended(takesNorm, true);
  }

  private static boolean hasStatistics(Region part) {
    return part.kind().equals(Regions.BATCH_NORM) && part.inputs().size() == 5;
  }

  // Products.

  private void linear(Region part) {
    View x = contiguous(input(part, 0));
    View weight = input(part, 1);
    String name = part.output().name();
    boolean activated = !part.attributes().get("activation").equals("none");
    Region reader = onlyReader(name);
    if (!activated && reader != null && reader.kind().equals(Regions.UNWINDOWED)) {
      // A map has fewer tokens than its windows.
      done.add(reader);
      name = reader.output().name();
      x = joined(reader, x);
    }
    long out = weight.dim(0);
    long in = weight.dim(1);
    long[] dims = x.dims().clone();
    dims[dims.length - 1] = out;
    long rows = x.length() / in;
    Tail tail = new Tail(name, rows * out);
    if (activated) {
      tail.then.add(activation(part));
    }
    tail.extended(false, false);
    View y = newTokens(tail.name, dims);
    to.linear(x.reshaped(rows, in), weight, input(part, 2), y.reshaped(rows, out), tail.then());
    values.put(tail.name, List.of(y));
  }

  private static PostOp activation(Region part) {
    return part.attributes().get("activation").equals("gelu") ? PostOp.GELU : PostOp.RELU;
  }

  private void attention(Region part) {
    View qkv = contiguous(input(part, 0));
    long[] dims = qkv.dims().clone();
    dims[3] /= 3;
    View y = newTokens(part.output().name(), dims);
    int heads = (int) part.attributes().get("heads");
    WindowAttention.add(to, qkv, input(part, 1), input(part, 2), y, heads);
    put(part, y);
  }

  private void biasedAttention(Region part) {
    View qkv = contiguous(input(part, 0));
    long[] dims = qkv.dims().clone();
    dims[3] /= 3;
    View y = newTokens(part.output().name(), dims);
    long tokens = dims[1] * dims[2];
    BiasedAttention.add(
        to,
        qkv.reshaped(dims[0], tokens, 3 * dims[3]),
        part.inputs().size() == 1 ? null : contiguous(input(part, 1)),
        y.reshaped(dims[0], tokens, dims[3]),
        (int) part.attributes().get("heads"));
    put(part, y);
  }

  private void promptAttention(Region part) {
    View q = contiguous(input(part, 0));
    View k = contiguous(input(part, 1));
    View v = contiguous(input(part, 2));
    int heads = (int) part.attributes().get("heads");
    String name = part.output().name();
    View y;
    if (part.kind().equals(Regions.SHARED_KEYS)) {
      y = newTokens(name, q.dims());
      PromptAttention.sharedKeys(to, q, k, v, y, heads);
    } else {
      y = newTokens(name, k.dim(0), q.dim(1), q.dim(2));
      PromptAttention.sharedQueries(to, q, k, v, y, heads);
    }
    put(part, y);
  }

  private View map(Region part) {
    View x = contiguous(input(part, 0));
    long side = (long) part.attributes().get("side");
    return x.reshaped(x.dim(0), side, side, x.dim(2)).permuted(0, 3, 1, 2);
  }

  private void filtered(Region part) {
    View filters = contiguous(input(part, 0));
    View map = channelsLast(input(part, 1));
    long n = map.dim(0);
    long pixels = map.dim(2) * map.dim(3);
    View y = newTokens(part.output().name(), n, filters.dim(1), map.dim(2), map.dim(3));
    to.product(
        filters,
        map.permuted(0, 2, 3, 1).reshaped(n, pixels, map.dim(1)).transposed(),
        null,
        y.reshaped(n, filters.dim(1), pixels));
    put(part, y);
  }

  private void cut(Region part) {
    View x = contiguous(input(part, 0));
    int side = (int) part.attributes().get("side");
    Windows windows = new Windows(x.dims(), side);
    String name = part.output().name();
    if (windows.isPadded() && isReadByAttention(name)) {
      cutAfterLinear(onlyReader(name), x, side);
      return;
    }
    View y = newTokens(name, windows.shape());
    windows.cut(to, x, y);
    put(part, y);
  }

  /** Whether all that a value is read for is to make queries, keys and values of it. */
  private boolean isReadByAttention(String name) {
    Region linear = onlyReader(name);
    if (linear == null
        || !linear.kind().equals(Regions.LINEAR)
        || !linear.attributes().get("activation").equals("none")) {
      return false;
    }
    Region attention = onlyReader(linear.output().name());
    return attention != null && attention.kind().equals(Regions.ATTENTION);
  }

  /**
   * A map has fewer tokens than its windows; those outside of it are zeros, which give the bias.
   */
  private void cutAfterLinear(Region linear, View x, long side) {
    View weight = input(linear, 1);
    View bias = input(linear, 2);
    long out = weight.dim(0);
    long rows = x.length() / weight.dim(1);
    long[] dims = {x.dim(0), x.dim(1), x.dim(2), out};
    View map = to.temporary(dims);
    to.linear(x.reshaped(rows, weight.dim(1)), weight, bias, map.reshaped(rows, out));
    Windows windows = new Windows(dims, side);
    View y = newTokens(linear.output().name(), windows.shape());
    windows.cutAndFill(to, map, y, bias);
    done.add(linear);
    put(linear, y);
  }

  private View joined(Region part, View x) {
    View windows = contiguous(x);
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
    View y = map ? newMap(name, x.dim(0), channels, x.dim(1), x.dim(2)) : newTokens(name, x.dims());
    View flat = map ? y.permuted(0, 2, 3, 1) : y;
    to.layerNorm(
        x.reshaped(rows),
        input(part, 1),
        input(part, 2),
        flat.reshaped(rows),
        (double) part.attributes().get("epsilon"));
    put(part, y);
  }

  // Convolutions.

  private void convolution(Region part) {
    long stride = (int) part.attributes().get("stride");
    long padding = (int) part.attributes().get("padding");
    View weight = input(part, 1);
    View bias = part.inputs().size() > 2 ? input(part, 2) : null;
    if (weight.dim(2) == stride && padding == 0 && stride > 2 && bias != null) {
      patches(part, weight, bias);
      return;
    }
    List<View> pieces = values.get(part.inputNames().get(0));
    View x = pieces.get(0);
    long height = (x.dim(2) + 2 * padding - weight.dim(2)) / stride + 1;
    long width = (x.dim(3) + 2 * padding - weight.dim(3)) / stride + 1;
    Tail tail = tail(part, true, x.dim(0), weight.dim(0), height, width);
    Folded f = tail.norm == null ? new Folded(weight, bias) : folded(tail.norm, weight, bias);
    View y = newMap(tail.name, x.dim(0), weight.dim(0), height, width);
    long from = 0;
    for (int i = 0; i < pieces.size(); i++) {
      View piece = channelsLast(pieces.get(i));
      View w = f.weight.part(1, from, from + piece.dim(1));
      List<PostOp> then = new ArrayList<>();
      if (i > 0) {
        then.add(PostOp.ACCUMULATE);
      }
      if (i == pieces.size() - 1) {
        then.addAll(tail.then);
      }
      PostOp[] last = then.toArray(NOTHING);
      to.convolution(piece, w, i == 0 ? f.bias : null, y, stride, padding, last);
      from += piece.dim(1);
    }
    values.put(tail.name, List.of(y));
  }

  /** A convolution whose kernels do not overlap: a product with patches of the image. */
  private void patches(Region part, View weight, View bias) {
    View x = input(part, 0);
    long side = weight.dim(2);
    long n = x.dim(0);
    long in = x.dim(1);
    long height = x.dim(2) / side;
    long width = x.dim(3) / side;
    long[] s = x.strides();
    View rows = to.temporary(n, height, width, in, side, side);
    to.copy(x.as(0, rows.dims(), s[0], side * s[2], side * s[3], s[1], s[2], s[3]), rows);
    long out = weight.dim(0);
    long patch = in * side * side;
    Tail tail = tail(part, false, n, out, height, width);
    View y = newMap(tail.name, n, out, height, width);
    PostOp[] then =
        tail.then.stream().map(p -> rows(p, n * height * width, out)).toArray(PostOp[]::new);
    to.linear(
        rows.reshaped(n * height * width, patch),
        weight.reshaped(out, patch),
        bias,
        y.permuted(0, 2, 3, 1).reshaped(n * height * width, out),
        then);
    values.put(tail.name, List.of(y));
  }

  /** The residual of a map as that of its pixels. */
  private static PostOp rows(PostOp p, long rows, long channels) {
    return p instanceof PostOp.Binary b
        ? PostOp.plus(b.other().permuted(0, 2, 3, 1).reshaped(rows, channels))
        : p;
  }

  private void depthwise(Region part) {
    View x = channelsLast(input(part, 0));
    View weight = input(part, 1);
    long stride = (int) part.attributes().get("stride");
    long padding = (int) part.attributes().get("padding");
    long side = weight.dim(2);
    long height = (x.dim(2) + 2 * padding - side) / stride + 1;
    long width = (x.dim(3) + 2 * padding - side) / stride + 1;
    Tail tail = tail(part, true, x.dim(0), x.dim(1), height, width);
    Folded f = tail.norm == null ? new Folded(weight, null) : folded(tail.norm, weight, null);
    View y = newMap(tail.name, x.dim(0), x.dim(1), height, width);
    View grouped = f.weight.reshaped(x.dim(1), 1, 1, side, side);
    to.convolution(x, grouped, f.bias, y, stride, padding, tail.then());
    values.put(tail.name, List.of(y));
  }

  private void doublingConvolution(Region part) {
    View x = channelsLast(input(part, 0));
    View weight = input(part, 1);
    Tail tail = tail(part, false, x.dim(0), weight.dim(1), 2 * x.dim(2), 2 * x.dim(3));
    View y = newMap(tail.name, x.dim(0), weight.dim(1), 2 * x.dim(2), 2 * x.dim(3));
    to.doublingConvolution(x, weight.permuted(1, 0, 2, 3), input(part, 2), y, tail.then());
    values.put(tail.name, List.of(y));
  }

  private record Folded(View weight, View bias) {}

  /** A convolution with the norm after it: {@code scale W} and {@code scale (b - mean) + shift}. */
  private Folded folded(Region norm, View weight, View bias) {
    long out = weight.dim(0);
    long each = weight.length() / out;
    double epsilon = (double) norm.attributes().get("epsilon");
    View scale = to.temporary(1, out);
    to.apply(PostOp.plusNumber(epsilon), row(norm, 4, out), scale);
    to.apply(PostOp.INVERSE_ROOT, scale, scale);
    to.multiply(scale, row(norm, 1, out), scale);
    View shift = to.temporary(1, out);
    to.multiply(row(norm, 3, out), scale, shift, PostOp.scale(-1), PostOp.plus(row(norm, 2, out)));
    if (bias != null) {
      View shifted = to.temporary(1, out);
      to.multiply(bias.reshaped(1, out), scale, shifted, PostOp.plus(shift));
      shift = shifted;
    }
    View scaled = to.temporary(weight.dims());
    to.multiply(weight.reshaped(out, each), scale.reshaped(out, 1), scaled.reshaped(out, each));
    return new Folded(scaled, shift.reshaped(out));
  }

  private View row(Region norm, int index, long channels) {
    return input(norm, index).reshaped(1, channels);
  }

  // Norms and what has no weights.

  private void batchNorm(Region part) {
    View x = channelsLast(input(part, 0));
    Tail tail = tail(part, false, x.dims());
    boolean overwrites = mayOverwrite(part, x) && place(tail.name) == null;
    View y = overwrites ? x : newMap(tail.name, x.dim(0), x.dim(1), x.dim(2), x.dim(3));
    double epsilon = (double) part.attributes().get("epsilon");
    // Only ReLU can be computed with a norm.
    boolean relu = tail.then.size() == 1 && tail.then.get(0) == PostOp.RELU;
    PostOp[] then = relu ? tail.then() : NOTHING;
    View weight = input(part, 1);
    View bias = input(part, 2);
    if (hasStatistics(part)) {
      to.channelNormWith(input(part, 3), input(part, 4), x, weight, bias, y, epsilon, then);
    } else {
      ChannelNorm.add(to, pixels(x), pixels(y), weight, bias, epsilon, then);
    }
    if (!relu) {
      tail.then.forEach(p -> applyInPlace(p, y));
    }
    values.put(tail.name, List.of(y));
  }

  private void applyInPlace(PostOp p, View y) {
    if (p instanceof PostOp.Binary b) {
      to.add(y, b.other(), y);
    } else {
      to.apply(p, y, y);
    }
  }

  private void instanceNorm(Region part) {
    List<View> normalised = new ArrayList<>();
    for (View piece : values.get(part.inputNames().get(0))) {
      View x = channelsLast(piece);
      boolean overwrites = x != piece || mayOverwrite(part, x);
      View y = overwrites ? x : to.temporaryMap(x.dim(0), x.dim(1), x.dim(2), x.dim(3));
      for (long n = 0; n < x.dim(0); n++) {
        View one = pixels(x.part(0, n, n + 1));
        double epsilon = (double) part.attributes().get("epsilon");
        ChannelNorm.add(to, one, pixels(y.part(0, n, n + 1)), null, null, epsilon);
      }
      normalised.add(y);
    }
    values.put(part.output().name(), List.copyOf(normalised));
  }

  /** A map that lies channels last as {@code [pixels, channels]}. */
  private static View pixels(View map) {
    return map.permuted(0, 2, 3, 1).reshaped(map.length() / map.dim(1), map.dim(1));
  }

  private boolean mayOverwrite(Region part, View x) {
    return onlyReader(part.inputNames().get(0)) != null && overwritable.contains(x.place());
  }

  private void apply(Region part, PostOp function) {
    View x = input(part, 0);
    View y;
    if (x.rank() == 4 && x.isChannelsLast()) {
      y = newMap(part.output().name(), x.dim(0), x.dim(1), x.dim(2), x.dim(3));
    } else {
      x = contiguous(x);
      y = newTokens(part.output().name(), x.dims());
    }
    to.apply(function, x, y);
    put(part, y);
  }

  private void sum(Region part) {
    View x = input(part, 0);
    View term = input(part, 1);
    if (Arrays.equals(x.dims(), term.dims()) && !x.isContiguous() && x.isChannelsLast()) {
      term = channelsLast(term);
      View y = newMap(part.output().name(), x.dim(0), x.dim(1), x.dim(2), x.dim(3));
      to.add(x, term, y);
      put(part, y);
      return;
    }
    if (x.length() < term.length()) {
      View smaller = x;
      x = term;
      term = smaller;
    }
    View y = newTokens(part.output().name(), x.dims());
    long each = term.length();
    long[] rows = {x.length() / each, each};
    to.add(contiguous(x).reshaped(rows), contiguous(term).reshaped(1, each), y.reshaped(rows));
    put(part, y);
  }

  private void doubling(Region part) {
    View x = channelsLast(input(part, 0));
    View y = to.temporaryMap(x.dim(0), x.dim(1), 2 * x.dim(2), 2 * x.dim(3));
    to.doubling(x, y);
    if (onlyReader(part.output().name()) != null) {
      overwritable.add(y.place());
    }
    put(part, y);
  }

  private void concatenation(Region part) {
    List<View> pieces = new ArrayList<>();
    part.inputNames().forEach(name -> pieces.addAll(values.get(name)));
    values.put(part.output().name(), List.copyOf(pieces));
  }

  private View channels(Region part) {
    long from = (long) part.attributes().get("from");
    return input(part, 0).part(1, from, (long) part.attributes().get("to"));
  }
}
