package io.github.microsam.model;

/** Which mean and variance a batch norm normalises with. */
public enum BatchStatistics {
  /**
   * Those of the batch at hand, as in training. micro-sam's inference does so too, because nothing
   * puts its decoder into evaluation mode: the results of the published models were made this way.
   */
  BATCH,

  /** The running averages of training that the checkpoint holds: {@code eval()} in PyTorch. */
  RUNNING
}
