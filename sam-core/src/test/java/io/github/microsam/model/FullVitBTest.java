package io.github.microsam.model;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.KernelProviders;
import io.github.microsam.golden.Golden;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** ViT-B at 1024 by 1024 pixels through plain SameDiff, and through the engine. */
class FullVitBTest {
  private final Golden golden = Golden.open("full_vit_b");

  @ParameterizedTest
  @CsvSource({
    "patch_embed, 8, 8, 24",
    "blocks.0, 8, 8, 24",
    "blocks.1, 8, 8, 24",
    "blocks.2, 8, 8, 24",
    "blocks.6, 8, 8, 24",
    "blocks.11, 8, 8, 24",
    "neck.0, 16, 8, 8"
  })
  void stagesAreThoseOfTheFixtures(String module, int first, int second, int third) {
    String array = module.replace('.', '_') + "_sub";
    assertSampleMatches(
        array, FullVitB.activation("image_encoder." + module), first, second, third);
  }

  @Test
  void theEmbeddingIsThatOfTheFixtures() {
    assertIsTheEmbedding(FullVitB.embedding());
  }

  @Test
  void theEngineWithItsKernelsGivesTheSameEmbeddingAndMaps() {
    Network network =
        ImageEncoder.network(
            VitConfig.VIT_B, Optional.empty(), ModelOptions.defaults(), new FillWeights());
    try (Engine engine =
        new Engine(network.graph(), network.regions(), KernelProviders.available())) {
      INDArray embedding =
          engine
              .run(Map.of(ImageEncoder.IMAGE, FullVitB.input()), List.of(ImageEncoder.EMBEDDING))
              .get(ImageEncoder.EMBEDDING);
      assertIsTheEmbedding(embedding);
      for (BatchStatistics statistics : BatchStatistics.values()) {
        FullSizeUnetr.assertMapsOfTheEngine(golden, embedding, statistics);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void mapsOfTheDecoderForAutomaticSegmentationAreThoseOfTheFixtures(BatchStatistics statistics) {
    FullSizeUnetr.assertMaps(golden, FullVitB.embedding(), statistics);
  }

  private void assertIsTheEmbedding(INDArray embedding) {
    assertSampleMatches("embedding_sub", embedding, 16, 4, 4);
    float[] values = embedding.dup('c').data().asFloat();
    int plane = 64 * 64;
    float[] means = new float[256];
    float[] deviations = new float[256];
    for (int c = 0; c < 256; c++) {
      double sum = 0;
      double squares = 0;
      for (int i = c * plane; i < (c + 1) * plane; i++) {
        sum += values[i];
        squares += (double) values[i] * values[i];
      }
      double mean = sum / plane;
      means[c] = (float) mean;
      deviations[c] = (float) Math.sqrt(squares / plane - mean * mean);
    }
    golden.assertMatches("embedding_mean", new long[] {256}, means);
    golden.assertMatches("embedding_std", new long[] {256}, deviations);
  }

  /** Every so many elements along each axis of the first of a batch. */
  private void assertSampleMatches(String array, INDArray x, int first, int second, int third) {
    INDArrayIndex[] sample = {
      NDArrayIndex.point(0), every(x, 1, first), every(x, 2, second), every(x, 3, third)
    };
    Goldens.assertMatches(golden, array, x.get(sample));
  }

  private static INDArrayIndex every(INDArray x, int axis, int step) {
    return NDArrayIndex.interval(0, step, x.size(axis));
  }
}
