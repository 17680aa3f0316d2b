package io.github.microsam.engine.onednn;

/**
 * Normalisation of each channel with the mean and the variance of its pixels. A sum of a million
 * numbers in single precision has three digits too few, and oneDNN's own norm is several times
 * slower than the memory. So the statistics of a large map are those of blocks that fit into the
 * cache, each in several interleaved parts:
 *
 * <ul>
 *   <li>part k has mean m_k and variance v_k
 *   <li>the whole has mean m = avg m_k and variance v = avg (v_k + (m_k - m)²)
 *   <li>its result is x / √(v + ε) - m / √(v + ε)
 * </ul>
 */
final class ChannelNorm {
  /** Pixels whose plain sum is exact enough. */
  private static final long FEW = 1024;

  /** Elements of a block: 1 MiB. */
  private static final long BLOCK = 1 << 18;

  /** Channels of all parts of a block together from which on oneDNN is no faster with more. */
  private static final long WIDE = 512;

  private final Assembler to;
  private final double epsilon;
  private final long pixels;
  private final long channels;

  /** Blocks of the map, and parts of a block: each so many neighbouring pixels takes its turn. */
  private long blocks = 1;

  private long parts = 1;

  private ChannelNorm(Assembler to, double epsilon, long pixels, long channels) {
    this.to = to;
    this.epsilon = epsilon;
    this.pixels = pixels;
    this.channels = channels;
    while (pixels / blocks * channels > BLOCK && pixels % (2 * blocks) == 0) {
      blocks *= 2;
    }
    while ((pixels / (blocks * parts) > FEW || parts * channels < WIDE)
        && pixels % (2 * blocks * parts) == 0) {
      parts *= 2;
    }
  }

  /**
   * Adds the norm to a program.
   *
   * @param to the program
   * @param x {@code [pixels, channels]}, contiguous
   * @param y where the result goes, of the same shape; may be x
   * @param weight {@code [channels]}, or null
   * @param bias the same
   * @param epsilon added to the variance
   * @param then what is done with the result: nothing or ReLU
   */
  static void add(
      Assembler to, View x, View y, View weight, View bias, double epsilon, PostOp... then) {
    new ChannelNorm(to, epsilon, x.dim(0), x.dim(1)).add(x, y, weight, bias, then);
  }

  private void add(View x, View y, View weight, View bias, PostOp... then) {
    if (pixels <= FEW) {
      if (weight == null) {
        to.channelNorm(map(x), map(y), epsilon);
      } else {
        to.channelNorm(map(x), weight, bias, map(y), epsilon, then);
      }
      return;
    }
    View scale = to.temporary(1, channels);
    View shift = to.temporary(1, channels);
    statistics(x, shift, scale);
    to.apply(PostOp.plusNumber(epsilon), scale, scale);
    to.apply(PostOp.INVERSE_ROOT, scale, scale);
    if (weight != null) {
      to.multiply(scale, weight.reshaped(1, channels), scale);
    }
    PostOp[] plusBias =
        weight == null ? new PostOp[0] : new PostOp[] {PostOp.plus(bias.reshaped(1, channels))};
    to.multiply(shift, scale, shift, concatenated(PostOp.scale(-1), plusBias));
    View factors = repeated(scale);
    PostOp[] plusTerms = concatenated(PostOp.plus(repeated(shift)), then);
    for (long b = 0; b < blocks; b++) {
      to.multiply(block(x, b), factors, block(y, b), plusTerms);
    }
  }

  private static PostOp[] concatenated(PostOp first, PostOp... more) {
    PostOp[] all = new PostOp[1 + more.length];
    all[0] = first;
    System.arraycopy(more, 0, all, 1, more.length);
    return all;
  }

  /** Mean and variance of each channel. */
  private void statistics(View x, View mean, View variance) {
    View means = to.temporary(blocks, parts * channels);
    View spreads = to.temporary(blocks, parts * channels);
    View squares = to.temporary(pixels / (blocks * parts), parts * channels);
    for (long b = 0; b < blocks; b++) {
      View own = means.part(0, b, b + 1);
      to.average(block(x, b), own);
      to.subtract(block(x, b), own, squares, PostOp.SQUARE);
      to.average(squares, spreads.part(0, b, b + 1));
    }
    View each = means.reshaped(blocks * parts, channels);
    View spread = spreads.reshaped(blocks * parts, channels);
    averageByHalves(each, mean);
    to.subtract(each, mean, each, PostOp.SQUARE, PostOp.plus(spread));
    averageByHalves(each, variance);
  }

  /** The mean of rows, by halves, so that no sum is long. */
  private void averageByHalves(View rows, View mean) {
    long count = rows.dim(0);
    View half = rows;
    while (count % 2 == 0) {
      View next = count == 2 ? mean : to.temporary(count / 2, channels);
      to.add(half.part(0, 0, count / 2), half.part(0, count / 2, count), next, PostOp.scale(0.5));
      half = next;
      count /= 2;
    }
    if (half == rows) {
      to.copy(rows, mean);
    }
  }

  /** A block as rows of its interleaved parts. */
  private View block(View rows, long index) {
    long size = pixels / blocks;
    return rows.part(0, index * size, (index + 1) * size).reshaped(size / parts, parts * channels);
  }

  /** The same for all parts. */
  private View repeated(View row) {
    View wide = to.temporary(1, parts * channels);
    for (long part = 0; part < parts; part++) {
      to.copy(row, wide.part(1, part * channels, (part + 1) * channels));
    }
    return wide;
  }

  private static View map(View rows) {
    long n = rows.dim(0);
    long c = rows.dim(1);
    return rows.as(0, new long[] {1, c, n, 1}, n * c, 1, c, c);
  }
}
