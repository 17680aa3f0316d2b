package io.github.microsam.cli;

import io.github.microsam.model.SamModel;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Files of a model with random weights that takes moments, for inputs of 64 × 64 pixels. */
final class TinyModel {
  private static final SamConfig CONFIG =
      new SamConfig(
          new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
          new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
          Optional.of(new UnetrConfig(4, 4, false, 3)));

  private TinyModel() {}

  /** Writes the model with a decoder for automatic segmentation, and returns the file. */
  static Path in(Path folder) {
    return written(folder.resolve("tiny.safetensors"), CONFIG, Map.of());
  }

  /** Writes the model without that decoder, and texts by key with it; returns the file. */
  static Path withoutDecoder(Path file, Map<String, String> metadata) {
    return written(file, CONFIG.withUnetr(Optional.empty()), metadata);
  }

  static Path withoutDecoder(Path file) {
    return withoutDecoder(file, Map.of());
  }

  private static Path written(Path file, SamConfig config, Map<String, String> metadata) {
    try (SamModel random = SamModel.random(config, 1)) {
      random.save(file, metadata);
    }
    return file;
  }
}
