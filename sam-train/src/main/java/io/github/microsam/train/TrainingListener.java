package io.github.microsam.train;

import io.github.microsam.train.step.StepLoss;

/** Is told how a training goes, on the thread that trains. */
public interface TrainingListener {
  /** Listens to nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * A batch that was trained on.
   *
   * @param epoch which epoch, from 0
   * @param iteration batches so far, this one included
   * @param total batches of the whole training
   * @param loss of this batch
   * @param learningRate of this batch's optimizer step
   * @param gradientNorm before clipping, of the last optimizer step
   */
  record StepReport(
      int epoch,
      long iteration,
      long total,
      StepLoss loss,
      double learningRate,
      double gradientNorm) {}

  /**
   * An epoch that was validated, at its end or where the training ends within it.
   *
   * @param epoch which epoch, from 0
   * @param iteration batches so far
   * @param training mean losses of the epoch's batches
   * @param validation mean losses of the validation's batches
   * @param metric by what epochs are compared; small is good
   * @param best whether none was better before; then the model has been saved
   * @param learningRate after the epoch
   */
  record EpochReport(
      int epoch,
      long iteration,
      StepLoss training,
      StepLoss validation,
      double metric,
      boolean best,
      double learningRate) {}

  /**
   * After each batch.
   *
   * @param report how it went
   */
  default void step(StepReport report) {}

  /**
   * After each validation. The trainer's model has the weights that were validated.
   *
   * @param report how it went
   */
  default void validated(EpochReport report) {}
}
