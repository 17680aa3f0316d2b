package io.github.microsam.train.step;

/**
 * The losses of one batch, or their means over several.
 *
 * @param prompts of the answers to prompts
 * @param maps of the maps for automatic segmentation, 0 if they are not trained
 * @param classes of semantic training, 0 if it is none
 */
public record StepLoss(InteractiveLoss prompts, double maps, double classes) {
  /** No loss at all. */
  public static final StepLoss NONE = new StepLoss(InteractiveLoss.NONE, 0, 0);

  /**
   * The distances' loss is a sum over so many channels; the metric is their mean. Other maps have
   * as much weight beside the masks.
   */
  private static final double CHANNELS = 3;

  /**
   * What is trained: the sum.
   *
   * @return the loss
   */
  public double total() {
    return prompts.total() + maps + classes;
  }

  /**
   * By what epochs are compared: Dice loss of the masks plus a third of the maps' loss, as in
   * micro-sam's joint training, plus the classes' loss.
   *
   * @return the metric; small is good
   */
  public double metric() {
    return prompts.mask() + maps / CHANNELS + classes;
  }

  /**
   * Sum with other losses, each times a factor.
   *
   * @param other the other losses
   * @param factor of the others
   * @return the sum
   */
  public StepLoss plus(StepLoss other, double factor) {
    InteractiveLoss a = prompts;
    InteractiveLoss b = other.prompts;
    return new StepLoss(
        new InteractiveLoss(
            a.mask() + factor * b.mask(),
            a.iou() + factor * b.iou(),
            a.meanIou() + factor * b.meanIou(),
            a.objects() + b.objects()),
        maps + factor * other.maps,
        classes + factor * other.classes);
  }
}
