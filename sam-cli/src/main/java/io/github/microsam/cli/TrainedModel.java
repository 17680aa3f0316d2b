package io.github.microsam.cli;

import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.ParameterSelection;
import io.github.microsam.train.Scheme;
import io.github.microsam.train.TrainingOptions;
import io.github.microsam.train.config.TrainingConfig;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.io.PrintWriter;
import java.util.Optional;

/** The model that a training starts from, with the parts that the training adds to it. */
final class TrainedModel {
  private TrainedModel() {}

  /**
   * Opens the model.
   *
   * @param fromScratch whether its architecture alone is taken
   */
  static SamModel open(TrainingConfig settings, boolean fromScratch, Host host, PrintWriter err) {
    return new NamedModel(settings.model(), host, err)
        .with(weights -> of(weights, fromScratch, settings));
  }

  /** How many classes the model has outputs for. */
  static int classes(TrainingConfig settings, Host host, PrintWriter err) {
    return new NamedModel(settings.model(), host, err)
        .with(weights -> weights.config().maskDecoder().multimaskOutputs());
  }

  private static SamModel of(SamWeights weights, boolean fromScratch, TrainingConfig settings) {
    TrainingOptions options = settings.training();
    Optional<UnetrConfig> decoder =
        options.scheme() instanceof Scheme.Joint || options.scheme() instanceof Scheme.Automatic
            ? Optional.of(decoder(weights.config()))
            : Optional.empty();
    ModelOptions usage = settings.computing().in(ModelOptions.of(weights));
    if (fromScratch) {
      SamConfig config = weights.config();
      return SamModel.random(
          config.unetr().isPresent() ? config : config.withUnetr(decoder), usage, options.seed());
    }
    Optional<Adapter> adapter =
        weights.config().encoder() instanceof VitConfig vit
            ? ParameterSelection.adapter(options.tuning(), vit)
            : Optional.empty();
    return SamModel.extended(weights, usage, adapter, decoder, options.seed());
  }

  /** micro-sam's decoder, doubling as often as it takes to get back to the input's size. */
  private static UnetrConfig decoder(SamConfig config) {
    UnetrConfig usual = UnetrConfig.MICRO_SAM;
    int doublings = Integer.numberOfTrailingZeros(config.encoder().stride());
    return new UnetrConfig(
        usual.initialFeatures(), doublings, usual.transposed(), usual.outChannels());
  }
}
