package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.image.Tiling;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.ModelRegistry;
import io.github.microsam.weights.PublishedModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentationDefaultsTest {
  @TempDir Path folder;

  private static SegmentationOptions of(Map<String, String> metadata) {
    return SegmentationDefaults.of(metadata, 1024, false);
  }

  @Test
  void modelsThatNobodyTunedHaveTheReferencesOptions() {
    SegmentationOptions reference = SegmentationOptions.reference();
    assertEquals(reference, of(Map.of()).withTiles(reference.tiles()));
    assertEquals(reference, of(Map.of(SamModel.NAME, "vit_b")).withTiles(reference.tiles()));
  }

  @Test
  void publishedModelsHaveTheirPresets() {
    SegmentationOptions lm = of(Map.of(SamModel.NAME, "vit_b_lm"));
    assertEquals(new AisOptions(0.4, 0.5, 0.5, 1.0, 2.0, 0), lm.ais());
    assertEquals(MaskSelectionOptions.defaults().withThresholds(0.65, 0.7), lm.masks());
    SegmentationOptions em = of(Map.of(SamModel.NAME, "vit_l_em_organelles"));
    assertEquals(new AisOptions(0.3, 0.4, 0.5, 1.0, 1.2, 0), em.ais());
    assertEquals(0.8, em.masks().stabilityThreshold());
    for (PublishedModel model : ModelRegistry.published().models()) {
      of(Map.of(SamModel.NAME, model.name()));
    }
  }

  @Test
  void whatAFileTellsWinsOverThePresets() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(SamModel.NAME, "vit_b_lm");
    metadata.put("microsam.ais.boundary_distance_threshold", "0.45");
    metadata.put("microsam.ais.foreground_smoothing", "0");
    metadata.put("microsam.ais.min_size", "20");
    metadata.put("microsam.apg.nms_threshold", "0.6");
    metadata.put("microsam.amg.iou_threshold", "0.7");
    metadata.put("microsam.amg.points_per_side", "16");
    SegmentationOptions options = of(metadata);
    assertEquals(new AisOptions(0.4, 0.45, 0.5, 0, 2.0, 20), options.ais());
    assertEquals(0.6, options.apg().nmsThreshold());
    assertEquals(0.7, options.masks().iouThreshold());
    assertEquals(0.7, options.masks().stabilityThreshold());
    assertEquals(16, options.grid().pointsPerSide());
    metadata.put("microsam.ais.min_size", "many");
    SegmentationException e = assertThrows(SegmentationException.class, () -> of(metadata));
    assertTrue(e.getMessage().contains("microsam.ais.min_size = 'many'"), e.getMessage());
  }

  @Test
  void largeImagesAreCut() {
    Tiles published = of(Map.of()).tiles();
    assertEquals(1, published.of(2048, 1500).count());
    assertEquals(new Tiling(2049, 1500, 683, 750, 128, 128), published.of(2049, 1500));
    Tiles small = SegmentationDefaults.of(Map.of(), 256, true).tiles();
    assertEquals(1, small.of(256, 256).count());
    assertEquals(new Tiling(300, 190, 150, 190, 32, 32), small.of(300, 190));
    Tiles told =
        SegmentationDefaults.of(Map.of("microsam.tile", "200", "microsam.halo", "20"), 256, true)
            .tiles();
    assertEquals(new Tiles.Automatic(240, 200, 20), told);
    assertThrows(SegmentationException.class, () -> new Tiles.Fixed(0, 5, 1, 1));
  }

  @Test
  void whatAModelSavesItKnowsAgain() {
    Path file = folder.resolve("own.safetensors");
    try (SamModel model = Scenes.tinyModel(true)) {
      model.save(file, Map.of("microsam.ais.min_size", "12", "microsam.tile", "48"));
    }
    Path again = folder.resolve("again.safetensors");
    try (SamModel model = SamModel.load(file)) {
      assertEquals(12, SegmentationDefaults.of(model).ais().minSize());
      model.save(again);
    }
    try (SamModel model = SamModel.load(again)) {
      assertEquals(12, SegmentationDefaults.of(model).ais().minSize());
      assertEquals(new Tiles.Automatic(64, 48, 8), SegmentationDefaults.of(model).tiles());
    }
  }
}
