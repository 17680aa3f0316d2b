package io.github.microsam.engine.onednn;

import io.github.microsam.engine.Region;
import io.github.microsam.engine.Regions;
import java.util.ArrayList;
import java.util.List;

/** What is computed together with the result of a product or a convolution. */
final class Tail {
  private final GroupValues values;
  private final long length;

  /** The name of the result of all that was taken in. */
  String name;

  /** A norm with given statistics that comes before all else; null if none. */
  Region norm;

  final List<PostOp> then = new ArrayList<>();

  Tail(GroupValues values, String name, long length) {
    this.values = values;
    this.name = name;
    this.length = length;
  }

  PostOp[] then() {
    return then.toArray(PostOp[]::new);
  }

  /** Takes in what only reads this result; a norm if nothing else was taken in before. */
  Tail extended(boolean takesNorm, boolean map) {
    Region next = values.onlyReader(name);
    while (next != null && !values.isDone(next)) {
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
      values.done(next);
      name = next.output().name();
      next = values.onlyReader(name);
    }
    return this;
  }

  private PostOp residual(Region sum, boolean map) {
    int other = sum.inputNames().get(0).equals(name) ? 1 : 0;
    String term = sum.inputNames().get(other);
    if (!values.has(term) || sum.inputNames().get(1 - other).equals(term)) {
      return null;
    }
    View x = values.single(term);
    if (x.length() != length) {
      return null;
    }
    if (map) {
      return PostOp.plus(values.channelsLast(x));
    }
    long last = x.dim(x.rank() - 1);
    return x.isContiguous() ? PostOp.plus(x.reshaped(x.length() / last, last)) : null;
  }

  /** Whether a norm's statistics are given. */
  static boolean hasStatistics(Region part) {
    return part.kind().equals(Regions.BATCH_NORM) && part.inputs().size() == 5;
  }
}
