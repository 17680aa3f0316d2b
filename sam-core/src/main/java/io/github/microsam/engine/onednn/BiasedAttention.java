package io.github.microsam.engine.onednn;

/**
 * {@link io.github.microsam.engine.Regions#BIASED_ATTENTION}: attention within small windows, some
 * windows at a time, so that their logits stay in the processor's cache.
 */
final class BiasedAttention {
  /** Logits that are in work at a time: 1 MiB. */
  private static final long LOGITS = 1 << 18;

  private BiasedAttention() {}

  /**
   * Adds the attention to a program.
   *
   * @param to the program
   * @param qkv {@code [windows, tokens, 3 width]}, contiguous like the others; each head's query,
   *     key and value lie side by side
   * @param bias {@code [heads, tokens, tokens]}, or null
   * @param out {@code [windows, tokens, width]}
   * @param heads attention heads
   */
  static void add(Assembler to, View qkv, View bias, View out, long heads) {
    long windows = qkv.dim(0);
    long t = qkv.dim(1);
    long width = qkv.dim(2) / 3;
    long d = width / heads;
    long step = Math.max(1, Math.min(windows, LOGITS / (heads * t * t)));
    for (long w = 0; w < windows; w += step) {
      long n = Math.min(step, windows - w);
      View logits = to.temporary(n, heads, t, t);
      long line = 3 * width;
      long first = w * t * line;
      to.product(
          qkv.as(first, new long[] {n, heads, t, d}, t * line, 3 * d, line, 1),
          qkv.as(first + d, new long[] {n, heads, d, t}, t * line, 3 * d, 1, line),
          null,
          logits,
          PostOp.scale(1 / Math.sqrt((double) d)));
      if (bias != null) {
        View flat = logits.reshaped(n, heads * t * t);
        to.add(flat, bias.reshaped(1, heads * t * t), flat);
      }
      View rows = logits.reshaped(n * heads * t, t);
      to.softmax(rows, rows, 1);
      to.product(
          logits,
          qkv.as(first + 2 * d, new long[] {n, heads, t, d}, t * line, 3 * d, line, 1),
          null,
          out.as(w * t * width, new long[] {n, heads, t, d}, t * width, d, width, 1));
    }
  }
}
