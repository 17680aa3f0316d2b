package io.github.microsam.cli;

import io.github.microsam.model.SamModel;
import io.github.microsam.weights.ModelCache;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model that a command line names: a checkpoint, or a published model. */
final class ModelChoice {
  private ModelChoice() {}

  /** Opens the model, with its decoder for automatic segmentation if it has one. */
  static SamModel open(String model, Host host, PrintWriter err) {
    Path file = Path.of(model);
    if (Files.exists(file)) {
      return SamModel.load(file);
    }
    ModelCache cache = host.models().get();
    if (cache.registry().models().stream().noneMatch(m -> m.name().equals(model))) {
      throw new CommandException(
          model + " is neither a file nor a published model; microsam models lists those.");
    }
    ProgressLine line = new ProgressLine(err, host.terminal());
    try {
      return SamModel.byName(model, cache, new DownloadProgress(line));
    } finally {
      line.end();
    }
  }
}
