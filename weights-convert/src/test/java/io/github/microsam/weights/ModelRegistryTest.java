package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Golden;
import io.github.microsam.weights.download.Xxh128;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRegistryTest {
  @TempDir Path folder;

  @Test
  void aFileOfWeightsIsRecognisedByItsHash() throws IOException {
    Path file = Files.write(folder.resolve("anything.pt"), new byte[1000]);
    String hash = Xxh128.of(file);
    PublishedFile weights = new PublishedFile("a", URI.create("file:a"), hash, 1020);
    PublishedModel model = new PublishedModel("a", "cells", weights, Optional.empty());
    ModelRegistry registry = ModelRegistry.of(List.of(model));
    assertEquals(Optional.of(model), registry.recognise(file));
    Path other = Files.write(folder.resolve("other.pt"), new byte[1001]);
    assertEquals(Optional.empty(), registry.recognise(other));
    assertEquals(Optional.empty(), registry.recognise(Files.write(other, new byte[5])));
    assertEquals(Optional.empty(), ModelRegistry.published().recognise(file));
  }

  private final ModelRegistry registry = ModelRegistry.published();

  @Test
  void theRegistryIsTheTableOfTheReference() throws IOException {
    Map<String, String> expected = new TreeMap<>();
    for (String line : Files.readAllLines(Golden.shared("spec/microsam-reference.md"))) {
      String[] cells = line.split("\\|", -1);
      if (cells.length > 6 && cells[3].strip().matches("[0-9a-f]{32}")) {
        expected.put(cells[1].strip(), cells[3].strip());
        if (!cells[6].isBlank()) {
          expected.put(cells[5].strip(), cells[6].strip().substring(0, 32));
        }
      }
    }
    Map<String, String> actual = new TreeMap<>();
    registry.models().forEach(m -> m.files().forEach(f -> actual.put(f.key(), f.xxh128())));
    assertEquals(24, expected.size());
    assertEquals(expected, actual);
  }

  @Test
  void thereAreFourteenModelsOfWhichTenHaveADecoder() {
    assertEquals(14, registry.models().size());
    assertEquals(10, registry.models().stream().filter(m -> m.decoder().isPresent()).count());
    assertEquals(
        24,
        registry.models().stream()
            .flatMap(m -> m.files().stream())
            .map(PublishedFile::source)
            .distinct()
            .count());
  }

  @Test
  void addressesAreThoseOfMicroSam() {
    PublishedModel model = registry.model("vit_b_lm");
    String folder =
        "https://uk1s3.embassy.ebi.ac.uk/public-datasets/bioimage.io/diplomatic-bug/1.2/files/";
    assertEquals(folder + "vit_b.pt", model.weights().source().toString());
    assertEquals(folder + "vit_b_decoder.pt", model.decoder().orElseThrow().source().toString());
    assertEquals("vit_b_lm_decoder", model.decoder().orElseThrow().key());
    assertEquals("vit_b", model.type());
    assertEquals(
        "https://owncloud.gwdg.de/index.php/s/TuDzuwVDHd1ZDnQ/download",
        registry.model("vit_t").weights().source().toString());
  }

  @Test
  void anUnknownNameListsTheKnownOnes() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> registry.model("vit_b_ml")).getMessage();
    assertTrue(message.contains("\"vit_b_ml\""), message);
    registry.models().forEach(m -> assertTrue(message.contains(m.name()), message));
  }

  @Test
  void keysAreUnique() {
    List<PublishedModel> twice = List.of(registry.model("vit_b"), registry.model("vit_b"));
    assertThrows(IllegalArgumentException.class, () -> ModelRegistry.of(twice));
  }
}
