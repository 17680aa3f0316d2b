package io.github.microsam.model;

import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Weights that exist, and new ones where there is none, or one of another shape. */
final class ExtendedWeights implements WeightSource {
  /**
   * The module that wraps a layer which fine-tuning adapts; its key without it is the plain one.
   */
  private static final Pattern WRAPPED =
      Pattern.compile("^(image_encoder\\.blocks\\..*\\.)(?:qkv_proj|mlp_layer|mlp_proj|layer)\\.");

  private final Map<String, Tensor> tensors;
  private final WeightSource existing;
  private final RandomWeights fresh;

  /**
   * Weights by key.
   *
   * @param tensors that exist, under plain keys; must stay readable while graphs are built
   * @param fresh draws the others
   */
  ExtendedWeights(Map<String, Tensor> tensors, RandomWeights fresh) {
    this.tensors = tensors;
    this.existing = new CheckpointWeights(tensors);
    this.fresh = fresh;
  }

  @Override
  public INDArray create(String key, Init init, DataType dataType, long... shape) {
    String unwrapped = WRAPPED.matcher(key).replaceFirst("$1");
    return existing(unwrapped, shape).isPresent()
        ? existing.create(unwrapped, init, dataType, shape)
        : fresh.create(key, init, dataType, shape);
  }

  /** What a checkpoint of this architecture holds beside the weights of the graphs. */
  List<Tensor> carried(SamConfig config) {
    return fresh.carried(config).stream()
        .map(t -> existing(t.name(), t.shape()).orElse(t))
        .toList();
  }

  private Optional<Tensor> existing(String key, long... shape) {
    return Optional.ofNullable(tensors.get(key)).filter(t -> Arrays.equals(t.shape(), shape));
  }
}
