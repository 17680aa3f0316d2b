package io.github.microsam.train.data;

import java.util.List;
import java.util.Map;

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

  /**
   * What the batches depend on beside their numbers. A training is resumed only with batches that
   * say the same.
   *
   * @return in words by name, records as {@link Record#toString} writes them; a source that says
   *     nothing is trusted
   */
  default Map<String, String> settings() {
    return Map.of();
  }
}
