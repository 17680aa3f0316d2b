package io.github.microsam.model;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.EngineOptions;
import io.github.microsam.engine.KernelProviders;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.SamConfig;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The networks of a model, each with its engine.
 *
 * @param imageEncoder from image to embedding
 * @param promptEncoder from points, boxes and masks to their embeddings
 * @param maskDecoder from the embeddings of image and prompts to masks
 * @param unetr the decoder for automatic segmentation, if the model has one
 */
record Networks(
    Engine imageEncoder, Engine promptEncoder, Engine maskDecoder, Optional<Engine> unetr) {

  /**
   * Makes the networks.
   *
   * @param config the architecture
   * @param adapter layers of the image encoder that are not merged into its weights
   * @param options how the model is used
   * @param weights where each network's weights come from
   */
  static Networks of(
      SamConfig config, Optional<Adapter> adapter, ModelOptions options, WeightSource weights) {
    return new Networks(
        engine(ImageEncoder.network(config.encoder(), adapter, options, weights), options),
        engine(PromptEncoder.network(config.encoder(), config.maskDecoder(), weights), options),
        engine(MaskDecoder.network(config.encoder(), config.maskDecoder(), weights), options),
        config
            .unetr()
            .map(u -> UnetrDecoder.network(u, config.encoder(), options.batchStatistics(), weights))
            .map(network -> engine(network, options)));
  }

  private static Engine engine(Network network, ModelOptions options) {
    return new Engine(
        network.graph(),
        network.regions(),
        KernelProviders.available(options.precision()),
        EngineOptions.defaults().withRecompute(options.recompute()));
  }

  private Stream<Engine> engines() {
    return Stream.concat(Stream.of(imageEncoder, promptEncoder, maskDecoder), unetr.stream());
  }

  /** Frees what the engines hold and the constants of the graphs, but for weights. */
  void close(Set<String> weights) {
    engines().forEach(Engine::close);
    engines()
        .flatMap(engine -> engine.graph().variables().stream())
        .filter(v -> v.isConstant() && !weights.contains(v.name()))
        .map(SDVariable::getArr)
        .forEach(ModelWeights::closeOnce);
  }
}
