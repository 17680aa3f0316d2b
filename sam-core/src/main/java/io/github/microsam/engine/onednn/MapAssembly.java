package io.github.microsam.engine.onednn;

import io.github.microsam.engine.Region;
import java.util.ArrayList;
import java.util.List;

/** Writes the parts of a group that compute on maps: convolutions, and norms of channels. */
final class MapAssembly {
  private static final PostOp[] NOTHING = {};

  private final Assembler to;
  private final GroupValues values;

  MapAssembly(Assembler to, GroupValues values) {
    this.to = to;
    this.values = values;
  }

  /** The tail of what gives a map of this shape. */
  private Tail tail(Region part, boolean takesNorm, long... dims) {
    return new Tail(values, part.output().name(), View.length(dims)).extended(takesNorm, true);
  }

  void convolution(Region part) {
    long stride = (int) part.attributes().get("stride");
    long padding = (int) part.attributes().get("padding");
    View weight = values.input(part, 1);
    View bias = part.inputs().size() > 2 ? values.input(part, 2) : null;
    if (weight.dim(2) == stride && padding == 0 && stride > 1 && bias != null) {
      patches(part, weight, bias);
      return;
    }
    List<View> pieces = values.pieces(part, 0);
    View x = pieces.get(0);
    long height = (x.dim(2) + 2 * padding - weight.dim(2)) / stride + 1;
    long width = (x.dim(3) + 2 * padding - weight.dim(3)) / stride + 1;
    Tail tail = tail(part, true, x.dim(0), weight.dim(0), height, width);
    Folded f = tail.norm == null ? new Folded(weight, bias) : folded(tail.norm, weight, bias);
    View y = values.newMap(tail.name, x.dim(0), weight.dim(0), height, width);
    long from = 0;
    for (int i = 0; i < pieces.size(); i++) {
      View piece = values.channelsLast(pieces.get(i));
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
    values.put(tail.name, y);
  }

  /** A convolution whose kernels do not overlap: a product with patches of the image. */
  private void patches(Region part, View weight, View bias) {
    View x = values.input(part, 0);
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
    View y = values.newMap(tail.name, n, out, height, width);
    PostOp[] then =
        tail.then.stream().map(p -> rows(p, n * height * width, out)).toArray(PostOp[]::new);
    to.linear(
        rows.reshaped(n * height * width, patch),
        weight.reshaped(out, patch),
        bias,
        y.permuted(0, 2, 3, 1).reshaped(n * height * width, out),
        then);
    values.put(tail.name, y);
  }

  /** The residual of a map as that of its pixels. */
  private static PostOp rows(PostOp p, long rows, long channels) {
    return p instanceof PostOp.Binary b
        ? PostOp.plus(b.other().permuted(0, 2, 3, 1).reshaped(rows, channels))
        : p;
  }

  void depthwise(Region part) {
    View x = values.channelsLast(values.input(part, 0));
    View weight = values.input(part, 1);
    long stride = (int) part.attributes().get("stride");
    long padding = (int) part.attributes().get("padding");
    long side = weight.dim(2);
    long height = (x.dim(2) + 2 * padding - side) / stride + 1;
    long width = (x.dim(3) + 2 * padding - side) / stride + 1;
    Tail tail = tail(part, true, x.dim(0), x.dim(1), height, width);
    Folded f = tail.norm == null ? new Folded(weight, null) : folded(tail.norm, weight, null);
    View y = values.newMap(tail.name, x.dim(0), x.dim(1), height, width);
    View grouped = f.weight.reshaped(x.dim(1), 1, 1, side, side);
    to.convolution(x, grouped, f.bias, y, stride, padding, tail.then());
    values.put(tail.name, y);
  }

  void doublingConvolution(Region part) {
    View x = values.channelsLast(values.input(part, 0));
    View weight = values.input(part, 1);
    Tail tail = tail(part, false, x.dim(0), weight.dim(1), 2 * x.dim(2), 2 * x.dim(3));
    View y = values.newMap(tail.name, x.dim(0), weight.dim(1), 2 * x.dim(2), 2 * x.dim(3));
    to.doublingConvolution(x, weight.permuted(1, 0, 2, 3), values.input(part, 2), y, tail.then());
    values.put(tail.name, y);
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
    return values.input(norm, index).reshaped(1, channels);
  }

  void batchNorm(Region part) {
    View x = values.channelsLast(values.input(part, 0));
    Tail tail = tail(part, false, x.dims());
    boolean overwrites = values.mayOverwrite(part, x) && values.place(tail.name) == null;
    View y = overwrites ? x : values.newMap(tail.name, x.dim(0), x.dim(1), x.dim(2), x.dim(3));
    double epsilon = (double) part.attributes().get("epsilon");
    // Only ReLU can be computed with a norm.
    boolean relu = tail.then.size() == 1 && tail.then.get(0) == PostOp.RELU;
    PostOp[] then = relu ? tail.then() : NOTHING;
    View weight = values.input(part, 1);
    View bias = values.input(part, 2);
    if (Tail.hasStatistics(part)) {
      to.channelNormWith(
          values.input(part, 3), values.input(part, 4), x, weight, bias, y, epsilon, then);
    } else {
      ChannelNorm.add(to, pixels(x), pixels(y), weight, bias, epsilon, then);
    }
    if (!relu) {
      tail.then.forEach(p -> applyInPlace(p, y));
    }
    values.put(tail.name, y);
  }

  private void applyInPlace(PostOp p, View y) {
    if (p instanceof PostOp.Binary b) {
      to.add(y, b.other(), y);
    } else {
      to.apply(p, y, y);
    }
  }

  void instanceNorm(Region part) {
    List<View> normalised = new ArrayList<>();
    for (View piece : values.pieces(part, 0)) {
      View x = values.channelsLast(piece);
      boolean overwrites = x != piece || values.mayOverwrite(part, x);
      View y = overwrites ? x : to.temporaryMap(x.dim(0), x.dim(1), x.dim(2), x.dim(3));
      for (long n = 0; n < x.dim(0); n++) {
        View one = pixels(x.part(0, n, n + 1));
        double epsilon = (double) part.attributes().get("epsilon");
        ChannelNorm.add(to, one, pixels(y.part(0, n, n + 1)), null, null, epsilon);
      }
      normalised.add(y);
    }
    values.putPieces(part, normalised);
  }

  /** A map that lies channels last as {@code [pixels, channels]}. */
  private static View pixels(View map) {
    return map.permuted(0, 2, 3, 1).reshaped(map.length() / map.dim(1), map.dim(1));
  }

  void doubling(Region part) {
    View x = values.channelsLast(values.input(part, 0));
    String name = part.output().name();
    View y = values.newInnerMap(name, x.dim(0), x.dim(1), 2 * x.dim(2), 2 * x.dim(3));
    to.doubling(x, y);
    values.put(part, y);
  }

  void concatenation(Region part) {
    List<View> pieces = new ArrayList<>();
    for (int i = 0; i < part.inputs().size(); i++) {
      pieces.addAll(values.pieces(part, i));
    }
    values.putPieces(part, pieces);
  }

  void channels(Region part) {
    long from = (long) part.attributes().get("from");
    values.put(part, values.input(part, 0).part(1, from, (long) part.attributes().get("to")));
  }
}
