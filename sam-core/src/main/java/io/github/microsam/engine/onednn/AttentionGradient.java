package io.github.microsam.engine.onednn;

import java.util.Arrays;

/**
 * The gradient of {@link WindowAttention}: for a few rows of queries at a time, the weights are
 * computed again and the products of the backward pass are made while they are in the processor's
 * cache. So nothing of the size of all pairs is kept from the forward pass.
 *
 * <p>The gradient of a row of softmax needs the sum of its weights times their gradients, which is
 * the product of the attention's result with the gradient with respect to it (Dao et al.,
 * "FlashAttention", 2022, appendix B.2): it is taken from there for all rows beforehand.
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
  private final View ones;

  /** For every query of every head of every window, result times gradient. */
  private final View rowSums;

  private AttentionGradient(
      Program program,
      View qkv,
      View byRow,
      View byColumn,
      View result,
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
    ones = ones(program, Math.max(side, channels));
    rowSums = rowSums(result);
  }

  /**
   * Adds the gradient to a program.
   *
   * @param program where to
   * @param qkv {@code [windows, side, side, 3 width]}, contiguous like the others
   * @param byRow {@code [side, side, width / heads]}
   * @param byColumn the same shape
   * @param result of the attention, {@code [windows, side, side, width]}
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
      View result,
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
            result,
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

  private static View ones(Program program, long count) {
    float[] values = new float[(int) count];
    Arrays.fill(values, 1);
    return program.constant(values, count, 1);
  }

  private View rowSums(View result) {
    View products = to.temporary(result.dims());
    to.multiply(result, gradient, products);
    View byToken = to.temporary(windows, tokens(), heads);
    to.product(
        products.reshaped(byToken.length(), channels),
        ones.part(0, 0, channels),
        null,
        byToken.reshaped(byToken.length(), 1));
    View byHead = to.temporary(windows, heads, tokens());
    to.copy(byToken.transposed(), byHead);
    return byHead;
  }

  private void add() {
    for (long window = 0; window < windows; window++) {
      for (long head = 0; head < heads; head += headsAtOnce) {
        if (rowsAtOnce == side) {
          new Block(window, head, 0, null).add();
        } else {
          OneHead alone = new OneHead(window, head);
          for (long row = 0; row < side; row += rowsAtOnce) {
            new Block(window, head, row, alone).add();
          }
          alone.finish();
        }
      }
    }
  }

  /** Tokens of some heads in memory, as the products of a block see them. */
  private record Tokens(View of, long first, long byHead, long byToken) {
    View all(long heads, long count, long channels) {
      return of.as(first, new long[] {heads, count, channels}, byHead, byToken, 1);
    }

    View byRows(long heads, long rows, long side, long channels) {
      long[] shape = {heads, rows, side, channels};
      return of.as(first, shape, byHead, side * byToken, byToken, 1);
    }

    View byColumns(long heads, long rows, long side, long channels) {
      long[] shape = {heads, side, rows, channels};
      return of.as(first, shape, byHead, byToken, side * byToken, 1);
    }
  }

  /** The first element of a head's queries, keys (part 1) or values (part 2) in a window. */
  private long first(long window, long head, long part) {
    return window * tokens() * 3 * width + part * width + head * channels;
  }

  private PostOp scale() {
    return PostOp.scale(1 / Math.sqrt((double) channels));
  }

  /**
   * A head of a window that is worked on in several blocks, which share its keys and values in the
   * layout that suits products, and add to gradients that lie without gaps.
   */
  private final class OneHead {
    private final long window;
    private final long head;
    private final View keys;
    private final View values;
    private final View scaledQueries = to.temporary(tokens(), channels);
    private final View output = to.temporary(tokens(), channels);
    private final View[] gradients = new View[3];

    OneHead(long window, long head) {
      this.window = window;
      this.head = head;
      keys = part(qkv, 1);
      values = part(qkv, 2);
      passes.copy(part(qkv, 0), scaledQueries);
      to.apply(scale(), scaledQueries, scaledQueries);
      long[] shape = {tokens(), channels};
      passes.copy(
          gradient.as(window * tokens() * width + head * channels, shape, width, 1), output);
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] = to.temporary(shape);
      }
    }

    private View part(View of, long part) {
      return of.as(first(window, head, part), new long[] {tokens(), channels}, 3 * width, 1);
    }

    /** Brings the gradients to where they belong. */
    void finish() {
      for (int i = 0; i < gradients.length; i++) {
        passes.copy(gradients[i], part(qkvGradient, i));
      }
    }
  }

  /** Some rows of queries of some heads of a window. */
  private final class Block {
    private final long window;
    private final long head;
    private final long row;
    private final OneHead alone;
    private final long h = headsAtOnce;
    private final long r = rowsAtOnce;
    private final long q = r * side;
    private final long t = tokens();
    private final long d = channels;
    private final Tokens queries;
    private final Tokens queriesGradient;
    private final View weights = to.temporary(h, q, t);
    private final View logitsGradient = to.temporary(h, q, t);

    /** Alone is null where the block is the whole of its heads. */
    Block(long window, long head, long row, OneHead alone) {
      this.window = window;
      this.head = head;
      this.row = row;
      this.alone = alone;
      long firstQuery = first(window, head, 0) + row * side * 3 * width;
      queries = new Tokens(qkv, firstQuery, d, 3 * width);
      queriesGradient =
          alone == null
              ? new Tokens(qkvGradient, firstQuery, d, 3 * width)
              : new Tokens(alone.gradients[0], row * side * d, t * d, d);
    }

    /** Accumulates unless it is the first contribution. */
    private PostOp[] unless(boolean firstContribution) {
      return firstContribution ? new PostOp[0] : new PostOp[] {PostOp.ACCUMULATE};
    }

    private View rowTable(View table) {
      return table.as(row * side * d, new long[] {1, r, side, d}, r * side * d, side * d, d, 1);
    }

    private View columnTable(View table) {
      return table.as(0, new long[] {1, side, side, d}, side * side * d, side * d, d, 1);
    }

    void add() {
      if (alone == null) {
        addHeads();
      } else {
        addRows();
      }
      writePositions();
    }

    private void addHeads() {
      View keys = keys(qkv, 1);
      long[] shape = {h, q, d};
      View output = gradient.as(window * t * width + head * d, shape, d, width, 1);
      to.product(queries.all(h, q, d), keys.transposed(), null, weights, scale());
      weigh();
      to.product(output, keys(qkv, 2).transposed(), null, logitsGradient);
      to.product(weights.transposed(), output, null, keys(qkvGradient, 2));
      throughSoftmax();
      to.product(logitsGradient, keys, null, queriesGradient.all(h, q, d), scale());
      View scaled = to.temporary(h, q, d);
      passes.copy(queries.all(h, q, d), scaled);
      to.apply(scale(), scaled, scaled);
      to.product(logitsGradient.transposed(), scaled, null, keys(qkvGradient, 1));
    }

    private View keys(View of, long part) {
      return new Tokens(of, first(window, head, part), d, 3 * width).all(h, t, d);
    }

    private void addRows() {
      View attention = weights.reshaped(q, t);
      View logits = logitsGradient.reshaped(q, t);
      View scaledQueries = rows(alone.scaledQueries);
      View output = rows(alone.output);
      to.sharedProduct(scaledQueries, alone.keys, attention);
      weigh();
      to.sharedProduct(output, alone.values, logits);
      to.product(attention.transposed(), output, null, alone.gradients[2], unless(row == 0));
      throughSoftmax();
      to.sharedProduct(logits, alone.keys.transposed(), rows(alone.gradients[0]), scale());
      to.product(logits.transposed(), scaledQueries, null, alone.gradients[1], unless(row == 0));
    }

    private View rows(View ofHead) {
      return ofHead.part(0, row * side, (row + r) * side);
    }

    /** Turns logits into weights, as in the forward pass. */
    private void weigh() {
      View rowTerm = to.temporary(h, q, side);
      View columnTerm = to.temporary(h, q, side);
      to.product(
          queries.byRows(h, r, side, d),
          rowTable(byRow).transposed(),
          null,
          rowTerm.reshaped(h, r, side, side));
      View terms = columnTerm.as(0, new long[] {h, side, r, side}, q * side, side, side * side, 1);
      to.product(queries.byColumns(h, r, side, d), columnTable(byColumn).transposed(), null, terms);
      View square = weights.reshaped(h * q, side, side);
      to.add(square, rowTerm.reshaped(h * q, side, 1), square);
      to.add(square, columnTerm.reshaped(h * q, 1, side), square);
      View flat = weights.reshaped(h * q, t);
      to.softmax(flat, flat, 1);
    }

    /** Turns the gradient with respect to weights into that with respect to logits. */
    private void throughSoftmax() {
      long n = h * q;
      View sums =
          rowSums.as((window * heads + head) * t + row * side, new long[] {1, n, 1}, n, 1, 1);
      View flat = logitsGradient.reshaped(1, n, t);
      to.subtract(flat, sums, flat, PostOp.times(weights.reshaped(1, n, t)));
    }

    /** The gradients through the terms of the positions, from sums over columns and over rows. */
    private void writePositions() {
      View overColumns = to.temporary(h, r, side, side);
      View overRows = to.temporary(h, r, side, side);
      long n = h * q;
      to.product(
          logitsGradient.reshaped(n * side, side),
          ones.part(0, 0, side),
          null,
          overColumns.reshaped(n * side, 1));
      to.product(
          ones.part(0, 0, side).reshaped(1, 1, side),
          logitsGradient.reshaped(n, side, side),
          null,
          overRows.reshaped(n, 1, side));
      View byQueryColumn = overRows.permuted(0, 2, 1, 3);
      View rowGradient = queriesGradient.byRows(h, r, side, d);
      View columnGradient = queriesGradient.byColumns(h, r, side, d);
      to.product(overColumns, rowTable(byRow), null, rowGradient, PostOp.ACCUMULATE);
      to.product(byQueryColumn, columnTable(byColumn), null, columnGradient, PostOp.ACCUMULATE);
      for (long i = 0; i < h; i++) {
        boolean isFirst = window == 0 && head == 0 && i == 0;
        if (byRowGradient != null) {
          to.product(
              overColumns.part(0, i, i + 1).transposed(),
              queries.byRows(h, r, side, d).part(0, i, i + 1),
              null,
              rowTable(byRowGradient),
              unless(isFirst));
        }
        if (byColumnGradient != null) {
          to.product(
              byQueryColumn.part(0, i, i + 1).transposed(),
              queries.byColumns(h, r, side, d).part(0, i, i + 1),
              null,
              columnTable(byColumnGradient),
              unless(isFirst && row == 0));
        }
      }
    }
  }
}
