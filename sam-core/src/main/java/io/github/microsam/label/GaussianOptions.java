package io.github.microsam.label;

/**
 * How far a Gaussian kernel reaches and what lies beyond the image.
 *
 * @param truncation radius of the kernel
 * @param border continuation of the image
 */
public record GaussianOptions(Truncation truncation, Border border) {

  /** Radius of the kernel in pixels for a standard deviation σ. */
  public enum Truncation {
    /** max(1, ⌈3σ⌉): bioimage-cpp, which micro-sam 1.8 smooths with. */
    CEIL_3,
    /** ⌊3σ + 0.5⌋: vigra, which micro-sam up to 1.7 smoothed with. */
    ROUND_3,
    /** ⌊4σ + 0.5⌋: SciPy. */
    ROUND_4;

    /**
     * The radius.
     *
     * @param sigma standard deviation in pixels
     * @return pixels on either side of the centre
     */
    int radius(double sigma) {
      return switch (this) {
        case CEIL_3 -> Math.max(1, (int) Math.ceil(3 * sigma));
        case ROUND_3 -> (int) (3 * sigma + 0.5);
        case ROUND_4 -> (int) (4 * sigma + 0.5);
      };
    }
  }

  /** Continuation of a line a b c d. */
  public enum Border {
    /** d c b | a b c d | c b a: bioimage-cpp, vigra; SciPy calls it "mirror". */
    MIRROR,
    /** c b a | a b c d | d c b: SciPy's default, "reflect". */
    REFLECT;

    /** Position inside a line of some length that stands for a position beyond it. */
    int inside(int position, int length) {
      if (length == 1) {
        return 0;
      }
      int period = this == MIRROR ? 2 * length - 2 : 2 * length;
      int p = Math.floorMod(position, period);
      return p < length ? p : (this == MIRROR ? period - p : period - 1 - p);
    }
  }

  /**
   * What micro-sam 1.8 smooths with.
   *
   * @return radius ⌈3σ⌉, mirrored border
   */
  public static GaussianOptions defaults() {
    return new GaussianOptions(Truncation.CEIL_3, Border.MIRROR);
  }

  /**
   * The same with another radius.
   *
   * @param truncation radius of the kernel
   * @return new options
   */
  public GaussianOptions withTruncation(Truncation truncation) {
    return new GaussianOptions(truncation, border);
  }

  /**
   * The same with another border.
   *
   * @param border continuation of the image
   * @return new options
   */
  public GaussianOptions withBorder(Border border) {
    return new GaussianOptions(truncation, border);
  }
}
