package io.github.microsam.model;

import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** The network that turns an image into its embedding. */
public final class ImageEncoder {
  /** Name of the input: {@code [N, 3, S, S]}, normalised and padded. */
  public static final String IMAGE = "image";

  /** Name of the output: {@code [N, C, E, E]}. */
  public static final String EMBEDDING = "embedding";

  private static final String MODULE = "image_encoder";

  private ImageEncoder() {}

  /**
   * Builds an encoder as a graph of its own, with placeholder {@value #IMAGE} and output {@value
   * #EMBEDDING}; keys begin with {@code image_encoder}.
   *
   * @param config the architecture
   * @param weights gives the arrays of the weights
   * @return the graph
   */
  public static SameDiff build(EncoderConfig config, WeightSource weights) {
    Scope root = Scope.root(weights);
    SameDiff sd = root.sd();
    int size = config.imageSize();
    SDVariable image = sd.placeHolder(IMAGE, root.dataType(), -1, 3, size, size);
    add(root.at(MODULE), image, config).rename(EMBEDDING);
    return sd;
  }

  /**
   * Adds an encoder to a graph; {@link TinyVit} as it was trained, with its attention biases and
   * running statistics.
   *
   * @param s where: {@code image_encoder} in a model
   * @param image {@code [N, 3, S, S]}, normalised and padded
   * @param config the architecture
   * @return the embedding, {@code [N, C, E, E]}
   */
  public static SDVariable add(Scope s, SDVariable image, EncoderConfig config) {
    if (config instanceof VitConfig vit) {
      return VitEncoder.add(s, image, vit);
    }
    return TinyVit.add(
        s, image, (TinyVitConfig) config, AttentionBiases.LEARNED, BatchStatistics.RUNNING);
  }

  /**
   * The tensors of an encoder's checkpoints that are not in its graph.
   *
   * @param config the architecture
   * @return the tensors, with keys that begin with {@code image_encoder}
   */
  public static List<CarriedTensor> carried(EncoderConfig config) {
    return config instanceof TinyVitConfig tiny ? TinyVit.carried(tiny, MODULE) : List.of();
  }
}
