package io.github.microsam.train.loss;

/** A loss of predicted maps against target maps. Stateless; threads may share it. */
public interface MapLoss {

  /**
   * The loss and its gradient.
   *
   * @param prediction predicted maps
   * @param target what they should be; for some losses with further channels after these
   * @param shape of prediction and gradient
   * @param gradient overwritten with the derivative of the loss with respect to the prediction
   * @return the loss
   * @throws IllegalArgumentException if an array has another length, or the loss is not defined for
   *     that number of channels
   */
  double evaluate(float[] prediction, float[] target, MapShape shape, float[] gradient);

  /**
   * Whether the loss is defined for maps.
   *
   * @param channels of the prediction
   * @param targetChannels of the target
   * @return by default, whether both are the same number
   */
  default boolean fits(int channels, int targetChannels) {
    return channels == targetChannels;
  }
}
