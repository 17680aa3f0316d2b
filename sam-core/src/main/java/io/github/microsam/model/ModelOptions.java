package io.github.microsam.model;

import io.github.microsam.weights.CheckpointException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * How a model's graphs are built, where the reference leaves a choice that changes numbers.
 *
 * @param batchStatistics what the norms of the UNETR decoder normalise with
 * @param attentionBiases what a TinyViT does with its attention biases
 */
public record ModelOptions(BatchStatistics batchStatistics, AttentionBiases attentionBiases) {
  /**
   * Key of the statistics in the metadata of safetensors files; its value is {@code batch} or
   * {@code running}.
   */
  static final String BATCH_STATISTICS = "microsam.batch_statistics";

  /**
   * What gives the results of the published models: statistics of the batch, and attention biases
   * as they were trained.
   *
   * @return the defaults
   */
  public static ModelOptions defaults() {
    return new ModelOptions(BatchStatistics.BATCH, AttentionBiases.LEARNED);
  }

  /**
   * What a checkpoint says of itself in its metadata, and the defaults where it says nothing.
   *
   * @param metadata texts of a file's header
   * @return the choices
   * @throws CheckpointException if the file says something that is not known here
   */
  static ModelOptions of(Map<String, String> metadata) {
    String said = metadata.getOrDefault(BATCH_STATISTICS, "batch");
    return Arrays.stream(BatchStatistics.values())
        .filter(s -> s.name().toLowerCase(Locale.ROOT).equals(said))
        .findFirst()
        .map(defaults()::withBatchStatistics)
        .orElseThrow(
            () ->
                new CheckpointException(
                    BATCH_STATISTICS
                        + " is '"
                        + said
                        + "' in the file's metadata; expected batch or running"));
  }

  /** What {@link #of} reads. */
  Map<String, String> toMetadata() {
    return Map.of(BATCH_STATISTICS, batchStatistics.name().toLowerCase(Locale.ROOT));
  }

  /**
   * Another choice of statistics.
   *
   * @param statistics what the norms of the UNETR decoder normalise with
   * @return a copy
   */
  public ModelOptions withBatchStatistics(BatchStatistics statistics) {
    return new ModelOptions(statistics, attentionBiases);
  }

  /**
   * Another choice of attention biases.
   *
   * @param biases what a TinyViT does with its attention biases
   * @return a copy
   */
  public ModelOptions withAttentionBiases(AttentionBiases biases) {
    return new ModelOptions(batchStatistics, biases);
  }
}
