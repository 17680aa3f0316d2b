package io.github.microsam.engine.onednn;

/**
 * {@link io.github.microsam.engine.Regions#ATTENTION}: attention over square windows with
 * decomposed relative positions, reading queries, keys and values where the linear layer left them.
 * The logits of a few rows of queries are computed, biased, normalised and multiplied with the
 * values before the next rows are begun, so that they stay in the processor's cache and no matrix
 * of all pairs is ever made.
 */
final class WindowAttention {
  /** Logits that are in work at a time: 2 MiB, a part of the last-level cache. */
  private static final long LOGITS = 1 << 19;

  private final Assembler to;
  private final long windows;
  private final long side;
  private final long heads;
  private final long width;
  private final long channels;

  private WindowAttention(Assembler to, View qkv, long heads) {
    this.to = to;
    windows = qkv.dim(0);
    side = qkv.dim(1);
    width = qkv.dim(3) / 3;
    this.heads = heads;
    channels = width / heads;
  }

  /**
   * Adds the attention to a program.
   *
   * @param to the program
   * @param qkv {@code [windows, side, side, 3 width]}, contiguous like the others
   * @param byRow {@code [side, side, width / heads]}
   * @param byColumn the same shape
   * @param out {@code [windows, side, side, width]}
   * @param heads attention heads
   */
  static void add(Assembler to, View qkv, View byRow, View byColumn, View out, long heads) {
    new WindowAttention(to, qkv, heads).add(qkv, byRow, byColumn, out);
  }

  private void add(View qkv, View byRow, View byColumn, View out) {
    View tokens = qkv.reshaped(windows, tokens(), 3 * width);
    View result = out.reshaped(windows, tokens(), width);
    for (long window = 0; window < windows; window++) {
      for (long head = 0; head < heads; head += headsAtOnce()) {
        View rowTerms = rowTerms(tokens, byRow, window, head);
        View columnTerms = columnTerms(tokens, byColumn, window, head);
        if (rowsAtOnce() == side) {
          attend(tokens, rowTerms, columnTerms, result, window, head);
        } else {
          attendByRows(tokens, rowTerms, columnTerms, result, window, head);
        }
      }
    }
  }

  private long tokens() {
    return side * side;
  }

  /** Sides below which oneDNN 3.11 gives wrong products for several heads at once. */
  static final long TINY = 4;

  /** Heads whose logits are in work at a time: all of a small window, one of a large one. */
  private long headsAtOnce() {
    if (side < TINY) {
      return 1;
    }
    long n = Math.max(1, Math.min(heads, LOGITS / (tokens() * tokens())));
    while (heads % n != 0) {
      n--;
    }
    return n;
  }

  /** Rows of queries, of {@code side} each, that are in work at a time; divides the side. */
  private long rowsAtOnce() {
    long n = Math.max(1, Math.min(side, LOGITS / (headsAtOnce() * side * tokens())));
    while (side % n != 0) {
      n--;
    }
    return n;
  }

  /** The first element of a head in a window. */
  private long first(long window, long head) {
    return window * tokens() * 3 * width + head * channels;
  }

  /** For every row y of queries: q[y, x] · Rh[y, k]. */
  private View rowTerms(View qkv, View byRow, long window, long head) {
    long h = headsAtOnce();
    long d = channels;
    long stride = 3 * width;
    View terms = to.temporary(h, tokens(), side);
    to.product(
        qkv.as(first(window, head), new long[] {h, side, side, d}, d, side * stride, stride, 1),
        byRow.as(0, new long[] {1, side, d, side}, side * side * d, side * d, 1, d),
        null,
        terms.reshaped(h, side, side, side));
    return terms;
  }

  /** For every column x of queries: q[y, x] · Rw[x, k]. */
  private View columnTerms(View qkv, View byColumn, long window, long head) {
    long h = headsAtOnce();
    long d = channels;
    long stride = 3 * width;
    View terms = to.temporary(h, tokens(), side);
    to.product(
        qkv.as(first(window, head), new long[] {h, side, side, d}, d, stride, side * stride, 1),
        byColumn.as(0, new long[] {1, side, d, side}, side * side * d, side * d, 1, d),
        null,
        terms.reshaped(h, side, side, side).permuted(0, 2, 1, 3));
    return terms;
  }

  private void attend(View qkv, View rowTerms, View columnTerms, View out, long window, long head) {
    long h = headsAtOnce();
    long t = tokens();
    long d = channels;
    long stride = 3 * width;
    long first = first(window, head);
    View logits = to.temporary(h, t, t);
    to.product(
        qkv.as(first, new long[] {h, t, d}, d, stride, 1),
        qkv.as(width + first, new long[] {h, d, t}, d, 1, stride),
        null,
        logits,
        scale());
    weigh(logits, rowTerms, columnTerms);
    to.product(
        logits,
        qkv.as(2 * width + first, new long[] {h, t, d}, d, stride, 1),
        null,
        out.as(window * t * width + head * d, new long[] {h, t, d}, d, width, 1));
  }

  /** One head, a few rows of queries after the other. */
  private void attendByRows(
      View qkv, View rowTerms, View columnTerms, View out, long window, long head) {
    long q = rowsAtOnce() * side;
    long t = tokens();
    long d = channels;
    long stride = 3 * width;
    long first = first(window, head);
    View queries = to.temporary(t, d);
    to.copy(qkv.as(first, new long[] {t, d}, stride, 1), queries);
    View keys = qkv.as(width + first, new long[] {t, d}, stride, 1);
    View values = qkv.as(2 * width + first, new long[] {d, t}, 1, stride);
    View attended = to.temporary(t, d);
    for (long from = 0; from < t; from += q) {
      View logits = to.temporary(1, q, t);
      View rows = logits.reshaped(q, t);
      to.sharedProduct(queries.part(0, from, from + q), keys, rows, scale());
      weigh(logits, rowTerms.part(1, from, from + q), columnTerms.part(1, from, from + q));
      to.sharedProduct(rows, values, attended.part(0, from, from + q));
    }
    to.copy(attended, out.as(window * t * width + head * d, new long[] {t, d}, width, 1));
  }

  private PostOp scale() {
    return PostOp.scale(1 / Math.sqrt((double) channels));
  }

  /** Turns logits {@code [heads, queries, tokens]} into weights. */
  private void weigh(View logits, View rowTerms, View columnTerms) {
    long queries = logits.dim(0) * logits.dim(1);
    View square = logits.reshaped(queries, side, side);
    to.add(square, rowTerms.reshaped(queries, side, 1), square);
    to.add(square, columnTerms.reshaped(queries, 1, side), square);
    View weights = logits.reshaped(queries, tokens());
    to.softmax(weights, weights, 1);
  }
}
