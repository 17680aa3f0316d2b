package io.github.microsam.bench;

import io.github.microsam.engine.Precision;
import io.github.microsam.weights.SamConfig;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A runtime that takes part: makes the works that are measured, all with the same random weights
 * and inputs.
 */
interface Contestant {
  /** Of the weights. */
  long SEED = 1;

  /** Name of the one that rounds. */
  String BFLOAT16 = "onednn-bf16";

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
   *     kernels; {@code onednn-bf16}: with bfloat16 products; {@code onnxruntime}; {@code cuda}:
   *     stock operations on a GPU, in a build for it
   * @throws IllegalStateException if this machine or this build has no such runtime
   */
  static Contestant of(String runtime) {
    return switch (runtime) {
      case "nd4j" -> EngineContestant.stock();
      case "onednn" -> EngineContestant.fused(Precision.FLOAT32);
      case BFLOAT16 -> EngineContestant.fused(Precision.BFLOAT16);
      case "onnxruntime" -> new OnnxContestant();
      case "cuda" -> {
        Gpu.require(Nd4j.getExecutioner().getEnvironmentInformation());
        yield EngineContestant.stock();
      }
      default ->
          throw new IllegalArgumentException(
              "runtime '" + runtime + "'; expected nd4j, onednn, onednn-bf16, onnxruntime or cuda");
    };
  }
}
