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

  /** How many classes semantic training has outputs for; 0 if labels are no classes. */
  static int classes(TrainingConfig settings, Host host, PrintWriter err) {
    if (!(settings.training().scheme() instanceof Scheme.Semantic semantic)) {
      return 0;
    }
    if (semantic.classes() != 0) {
      return semantic.classes();
    }
    return new NamedModel(settings.model(), host, err)
        .with(weights -> weights.config().maskDecoder().multimaskOutputs());
  }

  private static SamModel of(SamWeights weights, boolean fromScratch, TrainingConfig settings) {
    TrainingOptions options = settings.training();
    SamConfig config = architecture(weights.config(), settings);
    ModelOptions usage = settings.computing().in(ModelOptions.of(weights));
    if (fromScratch) {
      return SamModel.random(config, usage, options.seed());
    }
    Optional<Adapter> adapter =
        weights.config().encoder() instanceof VitConfig vit
            ? ParameterSelection.adapter(options.tuning(), vit)
            : Optional.empty();
    return SamModel.extended(weights, config, usage, adapter, options.seed());
  }

  /** The model's own, with the outputs that the training needs. */
  private static SamConfig architecture(SamConfig own, TrainingConfig settings) {
    Scheme scheme = settings.training().scheme();
    if (scheme instanceof Scheme.Joint || scheme instanceof Scheme.Automatic) {
      return own.withUnetr(Optional.of(decoder(own, settings.targets().maps())));
    }
    if (scheme instanceof Scheme.Semantic semantic && semantic.classes() != 0) {
      return own.withMaskDecoder(own.maskDecoder().withMultimaskOutputs(semantic.classes()));
    }
    return own;
  }

  /**
   * The model's decoder, or else micro-sam's, doubling as often as it takes to get back to the
   * input's size.
   */
  private static UnetrConfig decoder(SamConfig own, int maps) {
    UnetrConfig usual = UnetrConfig.MICRO_SAM;
    int doublings = Integer.numberOfTrailingZeros(own.encoder().stride());
    UnetrConfig decoder =
        own.unetr()
            .orElse(new UnetrConfig(usual.initialFeatures(), doublings, usual.transposed(), maps));
    return new UnetrConfig(
        decoder.initialFeatures(), decoder.upsamplings(), decoder.transposed(), maps);
  }
}
