package io.github.microsam.train.step;

/**
 * The loss of interactive training, averaged over objects, images and sub-iterations.
 *
 * @param mask Dice loss of the best masks, from 0 to 1
 * @param iou mean squared error of the predicted IoU
 * @param meanIou true IoU of the masks that the model itself takes for the best
 * @param objects how many objects there were; without any, the others are 0
 */
public record InteractiveLoss(double mask, double iou, double meanIou, int objects) {
  static final InteractiveLoss NONE = new InteractiveLoss(0, 0, 0, 0);

  /**
   * What is trained: the sum of both losses.
   *
   * @return the loss
   */
  public double total() {
    return mask + iou;
  }
}
