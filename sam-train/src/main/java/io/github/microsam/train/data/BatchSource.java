package io.github.microsam.train.data;

import java.util.List;

/**
 * Batches of samples by number. A batch is a function of the source's seed, the epoch and the
 * batch's place in it, and of nothing else: a training that is interrupted and resumed sees the
 * same samples as one that is not, and batches may be made ahead and in any order.
 *
 * <p>Threads may share a source.
 */
public interface BatchSource {

  /**
   * Batches of an epoch.
   *
   * @return at least 1
   */
  int batches();

  /**
   * Makes a batch.
   *
   * @param epoch which epoch, from 0
   * @param index which of its batches, from 0 to {@link #batches()} - 1
   * @return at least one sample, all of the same size
   */
  List<Sample> batch(int epoch, int index);
}
