package io.github.microsam.train;

/**
 * How a training ended.
 *
 * @param end why
 * @param iterations batches that it was trained on in all
 * @param bestMetric smallest metric of a validation; infinite if there was none
 * @param bestEpoch the epoch that had it, from 0; −1 if there was none
 */
public record TrainingResult(End end, long iterations, double bestMetric, int bestEpoch) {

  /** Why a training ended. */
  public enum End {
    /** All epochs or iterations are done. */
    DONE,
    /** The validation did not improve for as many epochs as the options allow. */
    NO_IMPROVEMENT,
    /** {@link Trainer#stop} was called; the state is saved and the training can be resumed. */
    STOPPED
  }
}
