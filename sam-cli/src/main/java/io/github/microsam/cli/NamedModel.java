package io.github.microsam.cli;

import io.github.microsam.engine.Precision;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.ModelCache;
import io.github.microsam.weights.SamWeights;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a command line names as a model: a checkpoint, or a published model, which is downloaded
 * unless it is there.
 *
 * @param name a file or a published model's name
 * @param host gives the cache of published models
 * @param progress where a download is shown
 */
record NamedModel(String name, Host host, PrintWriter progress) {

  /** Opens the model without the decoder of a published one, which has a file of its own. */
  SamModel withoutDecoder(Precision precision) {
    return open(false, precision);
  }

  /** Opens the model with its decoder for automatic segmentation if it has one. */
  SamModel whole() {
    return open(true, Precision.FLOAT32);
  }

  private SamModel open(boolean withDecoder, Precision precision) {
    Path file = Path.of(name);
    if (Files.exists(file)) {
      try (SamWeights weights = SamWeights.open(file)) {
        return of(weights, precision);
      }
    }
    ModelCache cache = host.models().get();
    if (cache.registry().models().stream().noneMatch(m -> m.name().equals(name))) {
      throw new CommandException(
          name + " is neither a file nor a published model; microsam models lists those.");
    }
    ModelCache.ModelFiles files = fetch(cache);
    try (SamWeights weights =
        withDecoder && files.decoder().isPresent()
            ? SamWeights.open(files.weights(), files.decoder().get())
            : SamWeights.open(files.weights())) {
      return of(weights, precision);
    }
  }

  private static SamModel of(SamWeights weights, Precision precision) {
    return SamModel.of(weights, ModelOptions.of(weights).withPrecision(precision));
  }

  private ModelCache.ModelFiles fetch(ModelCache cache) {
    ProgressLine line = new ProgressLine(progress, host.terminal());
    try {
      return cache.fetch(name, new DownloadProgress(line));
    } finally {
      line.end();
    }
  }
}
