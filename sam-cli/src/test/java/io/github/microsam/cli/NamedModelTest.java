package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.microsam.model.SamModel;
import io.github.microsam.segment.SegmentationDefaults;
import io.github.microsam.weights.ModelRegistry;
import io.github.microsam.weights.PublishedFile;
import io.github.microsam.weights.PublishedModel;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.download.Xxh128;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedModelTest {
  @TempDir Path folder;

  @Test
  void theFileOfAPublishedModelHasItsDefaults() throws IOException {
    Path file = TinyModel.withoutDecoder(folder.resolve("renamed.safetensors"));
    PublishedFile weights =
        new PublishedFile("vit_b_lm", file.toUri(), Xxh128.of(file), Files.size(file));
    ModelRegistry registry =
        ModelRegistry.of(
            List.of(new PublishedModel("vit_b_lm", "cells", weights, Optional.empty())));
    try (SamWeights opened = SamWeights.open(file);
        SamModel model = SamModel.of(NamedModel.recognised(opened, file, registry))) {
      assertEquals("vit_b_lm", model.metadata().get(SamModel.NAME));
      assertEquals(0.65, SegmentationDefaults.of(model).masks().iouThreshold());
      assertSame(opened, NamedModel.recognised(opened, file, ModelRegistry.published()));
    }
  }
}
