package io.github.microsam.engine.onednn;

/**
 * Attention between the tokens of prompts and those of images, {@link
 * io.github.microsam.engine.Regions#SHARED_KEYS} and {@link
 * io.github.microsam.engine.Regions#SHARED_QUERIES}. Some logits are computed, normalised and
 * multiplied with the values before the next, so that they stay in the processor's cache.
 */
final class PromptAttention {
  /** Logits that are in work at a time: 1 MiB. */
  private static final long LOGITS = 1 << 18;

  private PromptAttention() {}

  /**
   * Adds attention in which neighbours among the queries' batches share keys and values.
   *
   * @param to the program
   * @param q {@code [N, T, width]}, contiguous like the others
   * @param k {@code [B, S, width]}, where B divides N
   * @param v {@code [B, S, width]}
   * @param out {@code [N, T, width]}
   * @param heads attention heads
   */
  static void sharedKeys(Assembler to, View q, View k, View v, View out, long heads) {
    long batches = k.dim(0);
    long rows = q.dim(0) / batches * q.dim(1);
    long s = k.dim(1);
    long width = q.dim(2);
    long d = width / heads;
    long all = heads * rows * s;
    long someBatches = Math.max(1, Math.min(batches, LOGITS / all));
    long someHeads = Math.max(1, Math.min(heads, LOGITS / (rows * s)));
    long someRows = Math.max(1, Math.min(rows, LOGITS / (someHeads * s)));
    for (long b = 0; b < batches; b += someBatches) {
      long n = Math.min(someBatches, batches - b);
      for (long head = 0; head < heads; head += someHeads) {
        long h = Math.min(someHeads, heads - head);
        for (long row = 0; row < rows; row += someRows) {
          long r = Math.min(someRows, rows - row);
          long[] dims = {n, h, r, d};
          long query = (b * rows + row) * width + head * d;
          long key = b * s * width + head * d;
          View logits = to.temporary(n, h, r, s);
          to.product(
              q.as(query, dims, rows * width, d, width, 1),
              k.as(key, new long[] {n, h, d, s}, s * width, d, 1, width),
              null,
              logits,
              PostOp.scale(1 / Math.sqrt((double) d)));
          View flat = logits.reshaped(n * h * r, s);
          to.softmax(flat, flat, 1);
          to.product(
              logits,
              v.as(key, new long[] {n, h, s, d}, s * width, d, width, 1),
              null,
              out.as(query, dims, rows * width, d, width, 1));
        }
      }
    }
  }

  /**
   * Adds attention in which neighbours among the batches of keys and values share queries. There
   * are few keys and many queries: the logits are computed with the queries along the last axis,
   * which is the one that vector instructions run along.
   *
   * @param to the program
   * @param q {@code [B, S, width]}, contiguous like the others, where B divides N
   * @param k {@code [N, T, width]}
   * @param v {@code [N, T, width]}
   * @param out {@code [N, S, width]}
   * @param heads attention heads
   */
  static void sharedQueries(Assembler to, View q, View k, View v, View out, long heads) {
    long count = k.dim(0);
    long group = count / q.dim(0);
    long t = k.dim(1);
    long s = q.dim(1);
    long width = q.dim(2);
    long d = width / heads;
    long some = Math.max(1, Math.min(group == 1 ? count : group, LOGITS / (heads * t * s)));
    for (long i = 0; i < count; ) {
      long left = group == 1 ? count - i : group - i % group;
      long n = Math.min(some, left);
      long[] dims = {n, heads, t, d};
      long key = i * t * width;
      View logits = to.temporary(n, heads, t, s);
      to.product(
          k.as(key, dims, t * width, d, width, 1),
          q.as(
              i / group * s * width,
              new long[] {group == 1 ? n : 1, heads, d, s},
              s * width,
              d,
              1,
              width),
          null,
          logits,
          PostOp.scale(1 / Math.sqrt((double) d)));
      to.softmax(logits, logits, 2);
      to.product(
          logits.transposed(),
          v.as(key, dims, t * width, d, width, 1),
          null,
          out.as(i * s * width, new long[] {n, heads, s, d}, s * width, d, width, 1));
      i += n;
    }
  }
}
