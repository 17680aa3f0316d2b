package io.github.microsam.bench;

import io.github.microsam.weights.SamConfig;

/**
 * A runtime that takes part: makes the works that are measured, all with the same random weights
 * and inputs.
 */
interface Contestant {
  /** Of the weights. */
  long SEED = 1;

  /** Image encoder: image to embedding. */
  Work imageEncoder(SamConfig config);

  /** Prompt encoder and mask decoder: embedding and points to masks. */
  Work promptDecoder(SamConfig config, int prompts);

  /** UNETR decoder: embedding to maps. */
  Work unetr(SamConfig config);

  /** An image, prepared, encoded, and one object in it segmented. */
  Work predict(SamConfig config);

  /**
   * A contestant by the name that tables give it.
   *
   * @param runtime {@code nd4j}: stock operations in our schedule; {@code onednn}: with the fused
   *     kernels; {@code onnxruntime}
   */
  static Contestant of(String runtime) {
    return switch (runtime) {
      case "nd4j", "onednn" -> new EngineContestant(runtime);
      case "onnxruntime" -> new OnnxContestant();
      default ->
          throw new IllegalArgumentException(
              "runtime '" + runtime + "'; expected nd4j, onednn or onnxruntime");
    };
  }
}
