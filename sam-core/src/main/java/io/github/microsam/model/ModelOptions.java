package io.github.microsam.model;

/**
 * How a model's graphs are built, where the reference leaves a choice that changes numbers.
 *
 * @param batchStatistics what the norms of the UNETR decoder normalise with
 */
public record ModelOptions(BatchStatistics batchStatistics) {

  /**
   * What gives the results of the published models: statistics of the batch.
   *
   * @return the defaults
   */
  public static ModelOptions defaults() {
    return new ModelOptions(BatchStatistics.BATCH);
  }

  /**
   * Another choice of statistics.
   *
   * @param statistics what the norms of the UNETR decoder normalise with
   * @return a copy
   */
  public ModelOptions withBatchStatistics(BatchStatistics statistics) {
    return new ModelOptions(statistics);
  }
}
