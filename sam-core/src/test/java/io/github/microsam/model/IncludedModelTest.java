package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.segment.AutomaticSegmentation;
import io.github.microsam.segment.Mode;
import io.github.microsam.segment.ModelMetadata;
import io.github.microsam.weights.Checkpoint;
import io.github.microsam.weights.CheckpointReader;
import io.github.microsam.weights.DType;
import io.github.microsam.weights.ModelCache;
import io.github.microsam.weights.ModelRegistry;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.download.DownloadListener;
import io.github.microsam.weights.download.DownloadOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncludedModelTest {
  private static final int MOST_BYTES = 12_000_000;

  @TempDir Path folder;

  private SamModel nano() {
    ModelCache nothing =
        new ModelCache(
            folder.resolve("none"),
            ModelRegistry.of(List.of()),
            DownloadOptions.defaults().withOffline(true));
    return SamModel.byName("nano", nothing, DownloadListener.SILENT);
  }

  @Test
  void itIsSmallWholeAndFinite() {
    assertEquals(Optional.of(IncludedModel.NANO), IncludedModel.named("nano"));
    assertEquals(Optional.empty(), IncludedModel.named("vit_b"));
    byte[] bytes = IncludedModel.NANO.bytes();
    assertTrue(bytes.length <= MOST_BYTES, bytes.length + " bytes");
    SamWeights weights = IncludedModel.NANO.weights();
    weights.requireComplete();
    assertEquals(List.of(), weights.nonFinite());
    assertTrue(weights.parts().unetr().isPresent());
    assertTrue(
        weights.tensors().values().stream()
            .allMatch(t -> t.dtype() == DType.F16 || t.dtype() == DType.I64));
  }

  @Test
  void itsFileTellsAboutIt() {
    Map<String, String> told = new TreeMap<>(IncludedModel.NANO.checkpoint().metadata());
    for (String key :
        List.of(SamModel.NAME, SamModel.PURPOSE, SamModel.LICENCE, SamModel.TRAINED_ON)) {
      assertFalse(told.getOrDefault(key, "").isBlank(), key);
    }
    told.keySet().removeAll(List.of("format", "microsam.config", "microsam.model_type"));
    ModelMetadata.check(told);
  }

  @Test
  void itNeedsNoNetworkAndNoFolder() {
    try (SamModel model = nano()) {
      assertEquals("nano", model.metadata().get(SamModel.NAME));
      assertTrue(model.options().nativeResolution());
      assertEquals(Mode.AIS, AutomaticSegmentation.of(model, Mode.AUTO).mode());
    }
    assertFalse(Files.exists(folder.resolve("none")));
  }

  @Test
  void aCopyOfItsFileIsTheSameModel() throws Exception {
    Path copy = Files.write(folder.resolve("copy.safetensors"), IncludedModel.NANO.bytes());
    try (SamModel model = nano();
        SamModel loaded = SamModel.load(copy)) {
      assertEquals(loaded.fingerprint(), model.fingerprint());
    }
  }

  @Test
  void whatIsSavedTellsHowToSegmentAndNotWhereItCameFrom() {
    Path saved = folder.resolve("saved.safetensors");
    try (SamModel model = nano()) {
      model.save(saved);
    }
    try (Checkpoint checkpoint = CheckpointReader.open(saved)) {
      assertEquals("native", checkpoint.metadata().get("microsam.resolution"));
      for (String key :
          List.of(SamModel.NAME, SamModel.PURPOSE, SamModel.LICENCE, SamModel.TRAINED_ON)) {
        assertFalse(checkpoint.metadata().containsKey(key), key);
      }
    }
  }

  @Test
  void namesThatAreNoneAreTold() {
    ModelCache published =
        new ModelCache(folder, ModelRegistry.published(), DownloadOptions.defaults());
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> SamModel.byName("nanno", published, DownloadListener.SILENT));
    assertTrue(e.getMessage().contains("\"nanno\""), e.getMessage());
  }
}
