package io.github.microsam.model;

import io.github.microsam.golden.Golden;
import io.github.microsam.weights.VitConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompt encoder and mask decoder at full size, on the embedding by ViT-B. */
class FullVitBDecoderTest {
  private final FullSizeDecoder decoder =
      new FullSizeDecoder(Golden.open("full_vit_b"), VitConfig.VIT_B);

  @Test
  void positionalEncodingOfTheImageIsThatOfTheFixtures() {
    decoder.assertDensePe();
  }

  @ParameterizedTest
  @ValueSource(strings = {"p1", "p3", "box", "box_p2", "p1_mask", "batch_box"})
  void masksAreThoseOfTheFixtures(String name) {
    decoder.assertMasks(FullVitB.embedding(), name);
  }
}
