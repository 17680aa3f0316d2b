package io.github.microsam.cli;

import io.github.microsam.engine.Precision;
import io.github.microsam.model.IncludedModel;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.ModelCache;
import io.github.microsam.weights.ModelRegistry;
import io.github.microsam.weights.PublishedModel;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.download.Xxh128;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a command line names as a model: a checkpoint, the model that is included, or a published
 * one, which is downloaded unless it is there.
 *
 * @param name a file, or a model's name
 * @param host gives the cache of published models
 * @param progress where a download is shown
 */
record NamedModel(String name, Host host, PrintWriter progress) {
  /** What commands use where none is named. */
  static final String DEFAULT = "nano";

  /** Opens the model, with its decoder for automatic segmentation if it has one. */
  SamModel open() {
    return open(Precision.FLOAT32);
  }

  /** Opens the model to compute in a precision. */
  SamModel open(Precision precision) {
    return with(
        weights -> {
          SamWeights known =
              isFile() ? recognised(weights, Path.of(name), ModelRegistry.published()) : weights;
          return SamModel.of(known, ModelOptions.of(known).withPrecision(precision));
        });
  }

  /** Those of a published model's file tell its name too, so that its defaults are found. */
  static SamWeights recognised(SamWeights weights, Path file, ModelRegistry registry) {
    try {
      return registry.recognise(file).map(model -> named(weights, model.name())).orElse(weights);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  /**
   * Hands the weights to somebody, and closes them. Those of a model that was asked for by its name
   * tell it in their metadata.
   */
  <T> T with(Function<SamWeights, T> use) {
    Optional<IncludedModel> included = included();
    if (included.isPresent()) {
      return use.apply(named(included.get().weights(), name));
    }
    if (isFile()) {
      try (SamWeights weights = SamWeights.open(Path.of(name))) {
        return use.apply(weights);
      }
    }
    ModelCache.ModelFiles files = fetch();
    try (SamWeights weights =
        files.decoder().isPresent()
            ? SamWeights.open(files.weights(), files.decoder().get())
            : SamWeights.open(files.weights())) {
      return use.apply(named(weights, name));
    }
  }

  /** Whether a file is named, which comes before a model of the same name. */
  boolean isFile() {
    return included().isEmpty() && Files.exists(Path.of(name));
  }

  private Optional<IncludedModel> included() {
    return Files.isRegularFile(Path.of(name)) ? Optional.empty() : IncludedModel.named(name);
  }

  /** The hash of the file, by which micro-sam knows models. */
  Optional<String> hash() {
    try {
      Optional<IncludedModel> included = included();
      if (included.isPresent()) {
        return Optional.of(Xxh128.of(new ByteArrayInputStream(included.get().bytes())));
      }
      if (isFile()) {
        return Optional.of(Xxh128.of(Path.of(name)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read (" + e + ")", e);
    }
    return published().map(model -> model.weights().xxh128());
  }

  private Optional<PublishedModel> published() {
    return host.models().get().registry().models().stream()
        .filter(m -> m.name().equals(name))
        .findFirst();
  }

  private static SamWeights named(SamWeights weights, String name) {
    Map<String, String> metadata = new LinkedHashMap<>(weights.metadata());
    metadata.put(SamModel.NAME, name);
    return weights.withMetadata(metadata);
  }

  private ModelCache.ModelFiles fetch() {
    if (published().isEmpty()) {
      throw new CommandException(
          name + " is neither a file nor a model's name; microsam models lists those.");
    }
    ProgressLine line = new ProgressLine(progress, host.terminal());
    try {
      return host.models().get().fetch(name, new DownloadProgress(line));
    } finally {
      line.end();
    }
  }
}
