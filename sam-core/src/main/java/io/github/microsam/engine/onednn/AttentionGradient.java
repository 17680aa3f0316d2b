package io.github.microsam.engine.onednn;

/**
 * The gradient of {@link WindowAttention}: for a few rows of queries at a time, the weights are
 * computed again and the products of the backward pass are made while they are in the processor's
 * cache. So nothing of the size of all pairs is kept from the forward pass.
 */
final class AttentionGradient {
  /** Logits that are in work at a time, twice: 2 MiB each. */
  private static final long LOGITS = 1 << 19;

  private final Assembler to;
  private final Passes passes;
  private final long windows;
  private final long side;
  private final long heads;
  private final long width;
  private final long channels;
  private final long headsAtOnce;
  private final long rowsAtOnce;

  private final View qkv;
  private final View byRow;
  private final View byColumn;
  private final View gradient;
  private final View qkvGradient;
  private final View byRowGradient;
  private final View byColumnGradient;
  private final View codes;

  private AttentionGradient(
      Program program,
      View qkv,
      View byRow,
      View byColumn,
      View gradient,
      View qkvGradient,
      View byRowGradient,
      View byColumnGradient,
      long heads) {
    to = new Assembler(program);
    passes = new Passes(program);
    windows = qkv.dim(0);
    side = qkv.dim(1);
    width = qkv.dim(3) / 3;
    this.heads = heads;
    channels = width / heads;
    headsAtOnce = side < WindowAttention.TINY ? 1 : divisor(heads, LOGITS / (tokens() * tokens()));
    rowsAtOnce = divisor(side, LOGITS / (headsAtOnce * side * tokens()));
    this.qkv = qkv;
    this.byRow = byRow;
    this.byColumn = byColumn;
    this.gradient = gradient;
    this.qkvGradient = qkvGradient;
    this.byRowGradient = byRowGradient;
    this.byColumnGradient = byColumnGradient;
    codes = program.constant(codes(), tokens(), 2 * side);
  }

  /**
   * Adds the gradient to a program.
   *
   * @param program where to
   * @param qkv {@code [windows, side, side, 3 width]}, contiguous like the others
   * @param byRow {@code [side, side, width / heads]}
   * @param byColumn the same shape
   * @param gradient with respect to the result, {@code [windows, side, side, width]}
   * @param qkvGradient where the gradient with respect to qkv goes
   * @param byRowGradient likewise
   * @param byColumnGradient likewise
   * @param heads attention heads
   */
  static void add(
      Program program,
      View qkv,
      View byRow,
      View byColumn,
      View gradient,
      View qkvGradient,
      View byRowGradient,
      View byColumnGradient,
      long heads) {
    new AttentionGradient(
            program,
            qkv,
            byRow,
            byColumn,
            gradient,
            qkvGradient,
            byRowGradient,
            byColumnGradient,
            heads)
        .add();
  }

  private static long divisor(long n, long atMost) {
    long d = Math.max(1, Math.min(n, atMost));
    while (n % d != 0) {
      d--;
    }
    return d;
  }

  private long tokens() {
    return side * side;
  }

  /** For each token the codes of its row and of its column: what sums over either. */
  private float[] codes() {
    float[] values = new float[(int) (tokens() * 2 * side)];
    for (long t = 0; t < tokens(); t++) {
      values[(int) (t * 2 * side + t / side)] = 1;
      values[(int) (t * 2 * side + side + t % side)] = 1;
    }
    return values;
  }

  private void add() {
    for (long window = 0; window < windows; window++) {
      for (long head = 0; head < heads; head += headsAtOnce) {
        for (long row = 0; row < side; row += rowsAtOnce) {
          new Block(window, head, row).add();
        }
      }
    }
  }

  /** Some rows of queries of some heads of a window. */
  private final class Block {
    private final long row;
    private final long h = headsAtOnce;
    private final long r = rowsAtOnce;
    private final long q = r * side;
    private final long t = tokens();
    private final long d = channels;
    private final long stride = 3 * width;
    private final long first;
    private final long firstQuery;
    private final boolean isFirst;
    private final View output;

    Block(long window, long head, long row) {
      this.row = row;
      first = window * t * stride + head * d;
      firstQuery = first + row * side * stride;
      isFirst = window == 0 && head == 0;
      long[] shape = {h, q, d};
      output = gradient.as((window * t + row * side) * width + head * d, shape, d, width, 1);
    }

    /** Accumulates unless it is the first contribution. */
    private PostOp[] unless(boolean firstContribution) {
      return firstContribution ? new PostOp[0] : new PostOp[] {PostOp.ACCUMULATE};
    }

    private View keys(View of, long part) {
      return of.as(part * width + first, new long[] {h, t, d}, d, stride, 1);
    }

    /** Queries by head and token. */
    private View queries(View of) {
      return of.as(firstQuery, new long[] {h, q, d}, d, stride, 1);
    }

    /** Queries by head, row and column. */
    private View byRows(View of) {
      return of.as(firstQuery, new long[] {h, r, side, d}, d, side * stride, stride, 1);
    }

    /** Queries by head, column and row. */
    private View byColumns(View of) {
      return of.as(firstQuery, new long[] {h, side, r, d}, d, stride, side * stride, 1);
    }

    private View rowTable(View table) {
      return table.as(row * side * d, new long[] {1, r, side, d}, r * side * d, side * d, d, 1);
    }

    private View columnTable(View table) {
      return table.as(0, new long[] {1, side, side, d}, side * side * d, side * d, d, 1);
    }

    void add() {
      View weights = to.temporary(h, q, t);
      writeWeights(weights);
      View logitsGradient = to.temporary(h, q, t);
      to.product(output, keys(qkv, 2).transposed(), null, logitsGradient);
      to.product(weights.transposed(), output, null, keys(qkvGradient, 2), unless(row == 0));
      View flat = logitsGradient.reshaped(h * q, t);
      passes.softmaxGradient(weights.reshaped(h * q, t), flat, flat);

      PostOp scale = PostOp.scale(1 / Math.sqrt((double) d));
      to.product(logitsGradient, keys(qkv, 1), null, queries(qkvGradient), scale);
      View scaled = to.temporary(h, q, d);
      passes.copy(queries(qkv), scaled);
      to.apply(scale, scaled, scaled);
      to.product(logitsGradient.transposed(), scaled, null, keys(qkvGradient, 1), unless(row == 0));

      View sums = to.temporary(h, q, 2 * side);
      to.product(flat, codes, null, sums.reshaped(h * q, 2 * side));
      writePositions(sums);
    }

    /** As in the forward pass. */
    private void writeWeights(View weights) {
      View rowTerm = to.temporary(h, q, side);
      View columnTerm = to.temporary(h, q, side);
      PostOp scale = PostOp.scale(1 / Math.sqrt((double) d));
      to.product(queries(qkv), keys(qkv, 1).transposed(), null, weights, scale);
      to.product(
          byRows(qkv), rowTable(byRow).transposed(), null, rowTerm.reshaped(h, r, side, side));
      View terms = columnTerm.as(0, new long[] {h, side, r, side}, q * side, side, side * side, 1);
      to.product(byColumns(qkv), columnTable(byColumn).transposed(), null, terms);
      View square = weights.reshaped(h * q, side, side);
      to.add(square, rowTerm.reshaped(h * q, side, 1), square);
      to.add(square, columnTerm.reshaped(h * q, 1, side), square);
      View flat = weights.reshaped(h * q, t);
      to.softmax(flat, flat, 1);
    }

    /** The gradients through the terms of the positions, from sums over columns and over rows. */
    private void writePositions(View sums) {
      long wide = 2 * side;
      long tall = q * wide;
      View rowSums = sums.as(0, new long[] {h, r, side, side}, tall, side * wide, wide, 1);
      View columnSums = sums.as(side, new long[] {h, side, r, side}, tall, wide, side * wide, 1);
      to.product(rowSums, rowTable(byRow), null, byRows(qkvGradient), PostOp.ACCUMULATE);
      to.product(
          columnSums, columnTable(byColumn), null, byColumns(qkvGradient), PostOp.ACCUMULATE);
      for (long i = 0; i < h; i++) {
        boolean firstHead = isFirst && i == 0;
        if (byRowGradient != null) {
          to.product(
              rowSums.part(0, i, i + 1).transposed(),
              byRows(qkv).part(0, i, i + 1),
              null,
              rowTable(byRowGradient),
              unless(firstHead));
        }
        if (byColumnGradient != null) {
          to.product(
              columnSums.part(0, i, i + 1).transposed(),
              byColumns(qkv).part(0, i, i + 1),
              null,
              columnTable(byColumnGradient),
              unless(firstHead && row == 0));
        }
      }
    }
  }
}
