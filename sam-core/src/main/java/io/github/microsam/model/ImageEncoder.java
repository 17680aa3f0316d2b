package io.github.microsam.model;

import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    return network(config, Optional.empty(), ModelOptions.defaults(), weights).graph();
  }

  /**
   * Builds a vision transformer with the layers that parameter-efficient fine-tuning has added to
   * it; like {@link #build(EncoderConfig, WeightSource)} otherwise.
   *
   * @param config the architecture
   * @param adapter what fine-tuning has added
   * @param weights gives the arrays of the weights
   * @return the graph
   */
  public static SameDiff build(VitConfig config, Adapter adapter, WeightSource weights) {
    return network(config, Optional.of(adapter), ModelOptions.defaults(), weights).graph();
  }

  /** The graph with all choices, and what its layers declare for kernels. */
  static Network network(
      EncoderConfig config, Optional<Adapter> adapter, ModelOptions options, WeightSource weights) {
    Scope root = Scope.root(weights);
    Scope s = root.at(MODULE);
    int size = config.imageSize();
    SDVariable image = root.sd().placeHolder(IMAGE, root.dataType(), -1, 3, size, size);
    SDVariable embedding =
        config instanceof VitConfig vit
            ? VitEncoder.add(s, image, vit, adapter, options.dropout() > 0)
            : TinyVit.add(
                s,
                image,
                (TinyVitConfig) config,
                options.attentionBiases(),
                options.encoderStatistics());
    embedding.rename(EMBEDDING);
    return new Network(root.sd(), root.regions());
  }

  /** The inputs of {@link #network} beside the image: shapes by name, for a batch of images. */
  static Map<String, long[]> dropoutMasks(
      EncoderConfig config, Optional<Adapter> adapter, ModelOptions options, int images) {
    return options.dropout() > 0
            && config instanceof VitConfig vit
            && adapter.orElse(null) instanceof Adapter.FacT fact
        ? FactorLayers.masks(MODULE, fact, vit, images)
        : Map.of();
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
      return VitEncoder.add(s, image, vit, Optional.empty(), false);
    }
    return TinyVit.add(
        s, image, (TinyVitConfig) config, AttentionBiases.LEARNED, BatchStatistics.RUNNING);
  }

  /**
   * Adds a vision transformer with the layers that parameter-efficient fine-tuning has added to it.
   *
   * @param s where: {@code image_encoder} in a model
   * @param image {@code [N, 3, S, S]}, normalised and padded
   * @param config the architecture
   * @param adapter what fine-tuning has added
   * @return the embedding, {@code [N, C, E, E]}
   */
  public static SDVariable add(Scope s, SDVariable image, VitConfig config, Adapter adapter) {
    return VitEncoder.add(s, image, config, Optional.of(adapter), false);
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
