package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.weights.CheckpointException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelMetadataTest {
  private static SegmentationOptions with(Map<String, String> texts) {
    return SegmentationDefaults.of(texts, 1024, true);
  }

  @Test
  void everyKeyOfSegmentationChangesAnOption() {
    for (String key : SegmentationDefaults.KEYS) {
      boolean whole = key.matches(".*(size|side|tile|halo)");
      Map<String, String> texts = Map.of(key, whole ? "7" : "0.123");
      ModelMetadata.check(texts);
      assertNotEquals(with(Map.of()), with(texts), key);
      assertThrows(SegmentationException.class, () -> ModelMetadata.check(Map.of(key, "x")), key);
    }
  }

  @Test
  void anUnknownKeyIsToldTheKnownOnes() {
    SegmentationException e =
        assertThrows(
            SegmentationException.class, () -> ModelMetadata.check(Map.of("microsam.size", "1")));
    assertTrue(e.getMessage().contains("no metadata called microsam.size"), e.getMessage());
    ModelMetadata.keys().forEach(key -> assertTrue(e.getMessage().contains(key), key));
  }

  @Test
  void theOtherKeysAreCheckedToo() {
    ModelMetadata.check(Map.of("microsam.resolution", "native", "microsam.licence", "CC0-1.0"));
    assertThrows(
        CheckpointException.class, () -> ModelMetadata.check(Map.of("microsam.resolution", "x")));
    assertEquals(23, ModelMetadata.keys().size());
  }
}
