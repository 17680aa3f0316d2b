package io.github.microsam.engine.onednn;

import io.github.microsam.engine.KernelProvider;
import io.github.microsam.engine.KernelProvider.Kernel;
import io.github.microsam.engine.KernelProvider.Spec;
import io.github.microsam.engine.Region;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link io.github.microsam.engine.Regions#ATTENTION}: attention over square windows with
 * decomposed relative positions, reading queries, keys and values where the linear layer left them.
 * The logits of a few rows of queries are computed, biased, normalised and multiplied with the
 * values before the next rows are begun, so that they stay in the processor's cache and no matrix
 * of all pairs is ever made.
 */
final class WindowAttention implements KernelProvider.Template {
  /** Logits that are in work at a time: 4 MiB, a part of the last-level cache. */
  private static final long LOGITS = 1 << 20;

  private final OneDnn dnn;
  private final long windows;
  private final long side;
  private final long heads;
  private final long width;
  private final long channels;

  WindowAttention(OneDnn dnn, Region region, List<Spec> inputs) {
    this.dnn = dnn;
    List<Long> qkv = inputs.get(0).shape();
    windows = qkv.get(0);
    side = qkv.get(1);
    width = qkv.get(3) / 3;
    heads = (int) region.attributes().get("heads");
    channels = width / heads;
  }

  private long tokens() {
    return side * side;
  }

  /** Heads whose logits are in work at a time: all of a small window, one of a large one. */
  private long headsAtOnce() {
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

  private long queriesAtOnce() {
    return headsAtOnce() * rowsAtOnce() * side;
  }

  @Override
  public long scratch() {
    return queriesAtOnce() * (tokens() + 2 * side);
  }

  @Override
  public Kernel bind(List<INDArray> inputs, INDArray output, INDArray scratch) {
    Program program = new Program(dnn);
    View qkv = View.of(inputs.get(0), windows, tokens(), 3 * width);
    View byRow = View.of(inputs.get(1), side, side, channels);
    View byColumn = View.of(inputs.get(2), side, side, channels);
    View out = View.of(output, windows, tokens(), width);
    View memory = View.of(scratch, scratch());
    for (long window = 0; window < windows; window++) {
      for (long head = 0; head < heads; head += headsAtOnce()) {
        for (long row = 0; row < side; row += rowsAtOnce()) {
          attend(program, qkv, byRow, byColumn, out, memory, window, head, row);
        }
      }
    }
    return program;
  }

  private void attend(
      Program program,
      View qkv,
      View byRow,
      View byColumn,
      View out,
      View memory,
      long window,
      long head,
      long row) {
    long h = headsAtOnce();
    long r = rowsAtOnce();
    long q = r * side;
    long t = tokens();
    long d = channels;
    long stride = 3 * width;
    long first = window * t * stride + head * d;
    long firstQuery = first + row * side * stride;
    View logits = memory.as(0, new long[] {h, q, t}, q * t, t, 1);
    View rowTerm = memory.as(h * q * t, new long[] {h, q, side}, q * side, side, 1);
    View columnTerm = memory.as(h * q * (t + side), new long[] {h, q, side}, q * side, side, 1);

    program.product(
        qkv.as(firstQuery, new long[] {h, q, d}, d, stride, 1),
        qkv.as(width + first, new long[] {h, d, t}, d, 1, stride),
        null,
        logits,
        PostOp.scale(1 / Math.sqrt((double) d)));
    // For every row y of queries: q[y, x] · Rh[y, k].
    program.product(
        qkv.as(firstQuery, new long[] {h, r, side, d}, d, side * stride, stride, 1),
        byRow.as(row * side * d, new long[] {1, r, d, side}, r * side * d, side * d, 1, d),
        null,
        rowTerm.as(0, new long[] {h, r, side, side}, q * side, side * side, side, 1));
    // For every column x of queries: q[y, x] · Rw[x, k].
    program.product(
        qkv.as(firstQuery, new long[] {h, side, r, d}, d, stride, side * stride, 1),
        byColumn.as(0, new long[] {1, side, d, side}, side * side * d, side * d, 1, d),
        null,
        columnTerm.as(0, new long[] {h, side, r, side}, q * side, side, side * side, 1));
    View square = logits.as(0, new long[] {h * q, side, side}, t, side, 1);
    program.add(square, rowTerm.as(0, new long[] {h * q, side, 1}, side, 1, 1));
    program.add(square, columnTerm.as(0, new long[] {h * q, 1, side}, side, side, 1));
    View weights = logits.as(0, new long[] {h * q, t}, t, 1);
    program.softmax(weights, weights);
    program.product(
        logits,
        qkv.as(2 * width + first, new long[] {h, t, d}, d, stride, 1),
        null,
        out.as((window * t + row * side) * width + head * d, new long[] {h, q, d}, d, width, 1));
  }
}
