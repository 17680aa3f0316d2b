package io.github.microsam.model;

import io.github.microsam.engine.Precision;
import io.github.microsam.weights.CheckpointException;
import io.github.microsam.weights.SamWeights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How a model is used, where the reference leaves a choice that changes numbers.
 *
 * @param batchStatistics what the norms of the UNETR decoder normalise with
 * @param attentionBiases what a TinyViT does with its attention biases
 * @param nativeResolution whether the model is made for images as they are: those smaller than its
 *     input are padded, not enlarged
 * @param encoderStatistics what the norms of a TinyViT normalise with; {@link
 *     BatchStatistics#BATCH} is for training only and not told in files
 * @param precision what the networks compute products in; not a property of a model, and not saved
 *     with it
 * @param recompute whether training computes again what the backward passes read of the forward
 *     passes, which takes more time and less memory; not saved either
 * @param dropout share of what goes into the last factor of FacT layers that training leaves out,
 *     from 0 to below 1. Above 0 the image encoder wants {@linkplain SamModel#dropoutMasks masks}
 *     as inputs, so that it is for training only; not saved either. Without FacT layers it has no
 *     meaning
 */
public record ModelOptions(
    BatchStatistics batchStatistics,
    AttentionBiases attentionBiases,
    boolean nativeResolution,
    BatchStatistics encoderStatistics,
    Precision precision,
    boolean recompute,
    double dropout) {
  /**
   * Key of the statistics in the metadata of safetensors files; its value is {@code batch} or
   * {@code running}.
   */
  static final String BATCH_STATISTICS = "microsam.batch_statistics";

  /** Key of the resolution; its value is {@code native}, or the key is not there. */
  static final String RESOLUTION = "microsam.resolution";

  /**
   * Checks the share.
   *
   * @param batchStatistics what the norms of the UNETR decoder normalise with
   * @param attentionBiases what a TinyViT does with its attention biases
   * @param nativeResolution whether the model is made for images as they are
   * @param encoderStatistics what the norms of a TinyViT normalise with
   * @param precision what the networks compute products in
   * @param recompute whether training computes again what backward passes read
   * @param dropout share that training leaves out, from 0 to below 1
   * @throws IllegalArgumentException if the share is another number
   */
  public ModelOptions {
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout " + dropout + ", expected 0 to below 1");
    }
  }

  /**
   * What gives the results of the published models: statistics of the batch, attention biases as
   * they were trained, and single precision.
   *
   * @return the defaults
   */
  public static ModelOptions defaults() {
    return new ModelOptions(
        BatchStatistics.BATCH,
        AttentionBiases.LEARNED,
        false,
        BatchStatistics.RUNNING,
        Precision.FLOAT32,
        false,
        0);
  }

  /**
   * What a checkpoint says of itself, and the defaults where it says nothing.
   *
   * @param weights of the checkpoint
   * @return the choices
   * @throws CheckpointException if the file says something that is not known here
   */
  public static ModelOptions of(SamWeights weights) {
    return of(weights.metadata());
  }

  /**
   * What a checkpoint says of itself in its metadata, and the defaults where it says nothing.
   *
   * @param metadata texts of a file's header
   * @return the choices
   * @throws CheckpointException if the file says something that is not known here
   */
  public static ModelOptions of(Map<String, String> metadata) {
    String said = metadata.getOrDefault(BATCH_STATISTICS, "batch");
    return Arrays.stream(BatchStatistics.values())
        .filter(s -> s.name().toLowerCase(Locale.ROOT).equals(said))
        .findFirst()
        .map(defaults()::withBatchStatistics)
        .map(options -> options.withNativeResolution(isNative(metadata)))
        .orElseThrow(
            () ->
                new CheckpointException(
                    BATCH_STATISTICS
                        + " is '"
                        + said
                        + "' in the file's metadata; expected batch or running"));
  }

  /**
   * The keys that {@link #of(Map)} reads.
   *
   * @return two keys
   */
  public static Set<String> keys() {
    return Set.of(BATCH_STATISTICS, RESOLUTION);
  }

  private static boolean isNative(Map<String, String> metadata) {
    String said = metadata.get(RESOLUTION);
    if (said == null || said.equals("native")) {
      return said != null;
    }
    throw new CheckpointException(
        RESOLUTION + " is '" + said + "' in the file's metadata; expected native");
  }

  /** What {@link #of} reads. */
  Map<String, String> toMetadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(BATCH_STATISTICS, batchStatistics.name().toLowerCase(Locale.ROOT));
    if (nativeResolution) {
      metadata.put(RESOLUTION, "native");
    }
    return metadata;
  }

  /**
   * Another choice of statistics.
   *
   * @param statistics what the norms of the UNETR decoder normalise with
   * @return a copy
   */
  public ModelOptions withBatchStatistics(BatchStatistics statistics) {
    return changed(c -> c.batchStatistics = statistics);
  }

  /**
   * Another choice of attention biases.
   *
   * @param biases what a TinyViT does with its attention biases
   * @return a copy
   */
  public ModelOptions withAttentionBiases(AttentionBiases biases) {
    return changed(c -> c.attentionBiases = biases);
  }

  /**
   * Another choice of resolution.
   *
   * @param nativeResolution whether images smaller than the model's input are padded, not enlarged
   * @return a copy
   */
  public ModelOptions withNativeResolution(boolean nativeResolution) {
    return changed(c -> c.nativeResolution = nativeResolution);
  }

  /**
   * Another choice of statistics for the image encoder.
   *
   * @param statistics what the norms of a TinyViT normalise with
   * @return a copy
   */
  public ModelOptions withEncoderStatistics(BatchStatistics statistics) {
    return changed(c -> c.encoderStatistics = statistics);
  }

  /**
   * Another choice of precision.
   *
   * @param precision what the networks compute products in
   * @return a copy
   */
  public ModelOptions withPrecision(Precision precision) {
    return changed(c -> c.precision = precision);
  }

  /**
   * Another choice of recomputation.
   *
   * @param recompute whether backward passes compute again what they read of the forward passes
   * @return a copy
   */
  public ModelOptions withRecompute(boolean recompute) {
    return changed(c -> c.recompute = recompute);
  }

  /**
   * Another choice of dropout, for training.
   *
   * @param dropout share of what goes into the last factor of FacT layers that is left out, from 0
   *     to below 1
   * @return a copy
   */
  public ModelOptions withDropout(double dropout) {
    return changed(c -> c.dropout = dropout);
  }

  private ModelOptions changed(Consumer<Change> change) {
    Change c = new Change();
    change.accept(c);
    return new ModelOptions(
        c.batchStatistics,
        c.attentionBiases,
        c.nativeResolution,
        c.encoderStatistics,
        c.precision,
        c.recompute,
        c.dropout);
  }

  /** The components while some of them are changed. */
  private final class Change {
    BatchStatistics batchStatistics = batchStatistics();
    AttentionBiases attentionBiases = attentionBiases();
    boolean nativeResolution = nativeResolution();
    BatchStatistics encoderStatistics = encoderStatistics();
    Precision precision = precision();
    boolean recompute = recompute();
    double dropout = dropout();
  }
}
