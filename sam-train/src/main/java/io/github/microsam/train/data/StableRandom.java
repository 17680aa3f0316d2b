package io.github.microsam.train.data;

import java.util.random.RandomGenerator;

/**
 * Random numbers that are a function of a seed and a path of numbers, such as (seed, epoch, index),
 * and the same on every machine and Java version: SplitMix64 (Steele, Lea, Flood 2014) with
 * arithmetic that is written out here. The path makes what is drawn independent of the order in
 * which it is drawn, so that training resumes exactly.
 *
 * <p>Not for several threads at once.
 */
public final class StableRandom implements RandomGenerator {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  private StableRandom(long state) {
    this.state = state;
  }

  /**
   * A generator.
   *
   * @param seed any number
   * @param path any numbers; another path gives an independent sequence
   * @return a new generator at its start
   */
  public static StableRandom of(long seed, long... path) {
    long state = mixed(seed + GOLDEN);
    for (long step : path) {
      state = mixed(state + mixed(step + GOLDEN) + GOLDEN);
    }
    return new StableRandom(state);
  }

  private static long mixed(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public long nextLong() {
    state += GOLDEN;
    return mixed(state);
  }

  @Override
  public int nextInt() {
    return (int) (nextLong() >>> 32);
  }

  /** {@inheritDoc} The bias is below bound · 2<sup>-32</sup>. */
  @Override
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound " + bound + ", expected 1 or more");
    }
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }

  /** {@inheritDoc} */
  @Override
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** {@inheritDoc} */
  @Override
  public double nextDouble(double from, double to) {
    return from + (to - from) * nextDouble();
  }

  /** {@inheritDoc} */
  @Override
  public float nextFloat() {
    return (nextLong() >>> 40) * 0x1.0p-24f;
  }

  /** {@inheritDoc} By the polar method, one number a call. */
  @Override
  public double nextGaussian() {
    while (true) {
      double u = 2 * nextDouble() - 1;
      double v = 2 * nextDouble() - 1;
      double s = u * u + v * v;
      if (s < 1 && s > 0) {
        return u * StrictMath.sqrt(-2 * StrictMath.log(s) / s);
      }
    }
  }
}
