package io.github.microsam.engine.onednn;

/**
 * Normalisation of each channel with the mean and the variance of its pixels. A sum of a million
 * numbers in single precision has three digits too few, and two readings for the statistics and one
 * for the result are three trips to memory. So a large map is first normalised in blocks that fit
 * into the cache, each in several interleaved parts, and then, from the statistics of the parts, as
 * a whole:
 *
 * <ul>
 *   <li>part k has mean m_k, variance v_k and the result y_k = (x - m_k) / √(v_k + ε)
 *   <li>the whole has mean m = avg m_k and variance v = avg (v_k + (m_k - m)²)
 *   <li>its result is y_k · √(v_k + ε) / √(v + ε) + (m_k - m) / √(v + ε)
 * </ul>
 */
final class ChannelNorm {
  /** Pixels whose plain sum is exact enough. */
  private static final long FEW = 1024;

  /** Elements of a block: 2 MiB. */
  private static final long BLOCK = 1 << 19;

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
    while (pixels / (blocks * parts) > FEW && pixels % (2 * blocks * parts) == 0) {
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
    if (blocks * parts == 1) {
      if (weight == null) {
        to.channelNorm(map(x, 1), map(y, 1), epsilon);
      } else {
        to.channelNorm(map(x, 1), weight, bias, map(y, 1), epsilon, then);
      }
      return;
    }
    View means = to.temporary(blocks, parts * channels);
    View variances = to.temporary(blocks, parts * channels);
    long size = pixels / blocks;
    for (long b = 0; b < blocks; b++) {
      to.channelNormAndStatistics(
          map(x.part(0, b * size, (b + 1) * size), parts),
          means.part(0, b, b + 1).reshaped(parts * channels),
          variances.part(0, b, b + 1).reshaped(parts * channels),
          map(y.part(0, b * size, (b + 1) * size), parts),
          epsilon);
    }
    combine(means.reshaped(blocks * parts, channels), variances.reshaped(blocks * parts, channels));
    View scale = variances;
    View shift = means;
    if (weight != null) {
      View each = scale.reshaped(blocks * parts, channels);
      to.multiply(each, weight.reshaped(1, channels), each);
      View term = shift.reshaped(blocks * parts, channels);
      PostOp plusBias = PostOp.plus(bias.reshaped(1, channels));
      to.multiply(term, weight.reshaped(1, channels), term, plusBias);
    }
    for (long b = 0; b < blocks; b++) {
      View block = y.part(0, b * size, (b + 1) * size).reshaped(size / parts, parts * channels);
      PostOp[] last = new PostOp[1 + then.length];
      last[0] = PostOp.plus(shift.part(0, b, b + 1));
      System.arraycopy(then, 0, last, 1, then.length);
      to.multiply(block, scale.part(0, b, b + 1), block, last);
    }
  }

  /** Turns means and variances of the parts into what to add to and to multiply with. */
  private void combine(View means, View variances) {
    long count = blocks * parts;
    View mean = to.temporary(1, channels);
    average(means, mean);
    to.subtract(means, mean, means);
    View spread = to.temporary(count, channels);
    to.multiply(means, means, spread, PostOp.plus(variances));
    View inverse = to.temporary(1, channels);
    average(spread, inverse);
    to.apply(PostOp.plusNumber(epsilon), inverse, inverse);
    to.apply(PostOp.INVERSE_ROOT, inverse, inverse);
    to.multiply(means, inverse, means);
    to.apply(PostOp.plusNumber(epsilon), variances, variances);
    to.apply(PostOp.ROOT, variances, variances);
    to.multiply(variances, inverse, variances);
  }

  /** The mean of rows, by halves, so that no sum is long. */
  private void average(View rows, View mean) {
    long count = rows.dim(0);
    View half = rows;
    while (count % 2 == 0) {
      View next = count == 2 ? mean : to.temporary(count / 2, channels);
      to.add(half.part(0, 0, count / 2), half.part(0, count / 2, count), next, PostOp.scale(0.5));
      half = next;
      count /= 2;
    }
    if (count > 1) {
      throw new IllegalStateException(count + " parts are no power of two");
    }
  }

  /** So many interleaved parts as a map of as many times the channels. */
  private View map(View rows, long interleaved) {
    long wide = interleaved * rows.dim(1);
    long tall = rows.dim(0) / interleaved;
    return rows.as(0, new long[] {1, wide, tall, 1}, tall * wide, 1, wide, wide);
  }
}
