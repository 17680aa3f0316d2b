package io.github.microsam.train.loss;

/** A loss of predicted maps against target maps. Stateless; threads may share it. */
public interface MapLoss {

  /**
   * The loss and its gradient.
   *
   * @param prediction predicted maps
   * @param target what they should be
   * @param shape of prediction, target and gradient
   * @param gradient overwritten with the derivative of the loss with respect to the prediction
   * @return the loss
   * @throws IllegalArgumentException if an array has another length, or the loss is not defined for
   *     that number of channels
   */
  double evaluate(float[] prediction, float[] target, MapShape shape, float[] gradient);
}
