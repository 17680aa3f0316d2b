package io.github.microsam.model;

import java.util.random.RandomGenerator;

/**
 * How PyTorch initialises a parameter: the distribution each element is drawn from.
 *
 * <p>Immutable; elements are drawn in C order.
 */
@FunctionalInterface
public interface Init {

  /**
   * Draws one element.
   *
   * @param random source of chance
   * @return the element
   */
  double next(RandomGenerator random);

  /** All zeros. */
  Init ZEROS = random -> 0;

  /** All ones. */
  Init ONES = random -> 1;

  /** Standard normal, as {@code torch.nn.Embedding} and the matrix of the positional encoding. */
  Init NORMAL = RandomGenerator::nextGaussian;

  /**
   * Uniform between ±1/√fanIn: PyTorch's default for the weights (Kaiming with a = √5) and biases
   * of linear and convolutional layers (torch/nn/modules/linear.py, conv.py: reset_parameters).
   *
   * @param fanIn inputs of one output: columns of a matrix, channels times kernel area of a
   *     convolution
   * @return the distribution
   */
  static Init uniform(long fanIn) {
    double bound = 1 / Math.sqrt((double) fanIn);
    return random -> bound * (2 * random.nextDouble() - 1);
  }

  /**
   * Normal with a standard deviation, cut off at ±2 as {@code torch.nn.init.trunc_normal_} does.
   *
   * @param std standard deviation before the cut
   * @return the distribution
   */
  static Init truncatedNormal(double std) {
    return random -> {
      double v;
      do {
        v = std * random.nextGaussian();
      } while (Math.abs(v) > 2);
      return v;
    };
  }
}
