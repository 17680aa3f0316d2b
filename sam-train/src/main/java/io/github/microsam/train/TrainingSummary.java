package io.github.microsam.train;

import io.github.microsam.model.SamModel;
import io.github.microsam.train.step.Parameters;
import java.util.EnumMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a training will do.
 *
 * @param trained trained parameters of each part of the model
 * @param all all parameters of the model
 * @param batches batches of an epoch
 * @param iterations batches of the whole training
 * @param done batches that are done already
 * @param bytes of weights, gradients, optimizer and averages: what is needed beside the
 *     activations, which depend on images and prompts
 */
public record TrainingSummary(
    Map<ModelPart, Long> trained, long all, int batches, long iterations, long done, long bytes) {

  /**
   * Copies the map.
   *
   * @param trained trained parameters of each part of the model
   * @param all all parameters of the model
   * @param batches batches of an epoch
   * @param iterations batches of the whole training
   * @param done batches that are done already
   * @param bytes of weights, gradients, optimizer and averages
   */
  public TrainingSummary {
    trained = Map.copyOf(trained);
  }

  static TrainingSummary of(
      SamModel model,
      Map<String, INDArray> chosen,
      TrainingOptions options,
      int passes,
      int batches,
      long iterations,
      long done) {
    Map<ModelPart, Long> trained = new EnumMap<>(ModelPart.class);
    chosen.forEach((key, array) -> trained.merge(ModelPart.of(key), array.length(), Long::sum));
    long all = Parameters.of(model).values().stream().mapToLong(INDArray::length).sum();
    long count = trained.values().stream().mapToLong(Long::longValue).sum();
    int sums = options.accumulation() == 1 ? 1 : passes;
    int copies = sums + options.rule().moments() + (options.averageDecay() > 0 ? 1 : 0);
    return new TrainingSummary(
        trained, all, batches, iterations, done, Float.BYTES * (all + copies * count));
  }

  /**
   * Trained parameters of all parts.
   *
   * @return their number
   */
  public long trainedParameters() {
    return trained.values().stream().mapToLong(Long::longValue).sum();
  }
}
