package io.github.microsam.cli;

import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.ParameterSelection;
import io.github.microsam.train.Scheme;
import io.github.microsam.train.TrainingOptions;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.ModelCache;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The model that a training starts from, with the parts that the training adds to it. */
final class TrainedModel {
  private TrainedModel() {}

  /**
   * Opens the model.
   *
   * @param fromScratch whether its architecture alone is taken
   */
  static SamModel open(
      String name, boolean fromScratch, TrainingOptions options, Host host, PrintWriter err) {
    try (SamWeights weights = weights(name, host, err)) {
      Optional<UnetrConfig> decoder =
          options.scheme() instanceof Scheme.Joint || options.scheme() instanceof Scheme.Automatic
              ? Optional.of(decoder(weights.config()))
              : Optional.empty();
      ModelOptions usage = ModelOptions.of(weights);
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
  }

  /** micro-sam's decoder, doubling as often as it takes to get back to the input's size. */
  private static UnetrConfig decoder(SamConfig config) {
    UnetrConfig usual = UnetrConfig.MICRO_SAM;
    int doublings = Integer.numberOfTrailingZeros(config.encoder().stride());
    return new UnetrConfig(
        usual.initialFeatures(), doublings, usual.transposed(), usual.outChannels());
  }

  private static SamWeights weights(String name, Host host, PrintWriter err) {
    Path file = Path.of(name);
    if (Files.exists(file)) {
      return SamWeights.open(file);
    }
    ModelCache cache = host.models().get();
    if (cache.registry().models().stream().noneMatch(m -> m.name().equals(name))) {
      throw new CommandException(
          name + " is neither a file nor a published model; microsam models lists those.");
    }
    ProgressLine line = new ProgressLine(err, host.terminal());
    try {
      ModelCache.ModelFiles files = cache.fetch(name, new DownloadProgress(line));
      return files.decoder().isPresent()
          ? SamWeights.open(files.weights(), files.decoder().get())
          : SamWeights.open(files.weights());
    } finally {
      line.end();
    }
  }
}
