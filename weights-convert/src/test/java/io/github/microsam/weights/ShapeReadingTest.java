package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.FillTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The architecture of every model of the fixtures is told from its shapes. */
class ShapeReadingTest {
  static final VitConfig SMALL_VIT = new VitConfig(256, 16, 48, 4, 4, 192, 7, List.of(1, 3), 32);
  static final MaskDecoderConfig SMALL_DECODER = new MaskDecoderConfig(3, 2, 8, 64, 3, 32, 16);

  private static SamWeights model(String name) {
    return SamWeights.of(FillTensor.model(name), Map.of());
  }

  @Test
  void publishedModelsAreRecognised() {
    assertEquals(
        new SamConfig(VitConfig.VIT_B, MaskDecoderConfig.SAM, Optional.empty()),
        model("vit_b").config());
    assertEquals(VitConfig.VIT_L, model("vit_l").config().encoder());
    assertEquals(VitConfig.VIT_H, model("vit_h").config().encoder());
    assertEquals(
        new SamConfig(TinyVitConfig.VIT_T, MaskDecoderConfig.SAM, Optional.empty()),
        model("vit_t").config());
    for (String name : List.of("vit_b", "vit_l", "vit_h", "vit_t")) {
      assertEquals(name, model(name).modelType());
    }
  }

  @Test
  void otherVisionTransformersAreDescribed() {
    assertEquals(
        new SamConfig(SMALL_VIT, SMALL_DECODER, Optional.empty()), model("small").config());
    assertEquals("vit_48x4", model("small").modelType());
  }

  @Test
  void decodersAreDescribed() {
    assertEquals(Optional.of(UnetrConfig.MICRO_SAM), model("unetr_full").parts().unetr());
    assertEquals(Optional.of(new UnetrConfig(4, 4, false, 3)), model("unetr_f4").parts().unetr());
    assertEquals(
        Optional.of(new UnetrConfig(4, 4, true, 3)),
        model("unetr_f4_convtranspose").parts().unetr());
    Map<String, Tensor> alone = FillTensor.model("unetr_full");
    alone.keySet().removeIf(key -> key.startsWith("encoder."));
    SamWeights decoder = SamWeights.of(alone, Map.of());
    assertEquals(Optional.empty(), decoder.parts().encoder());
    assertEquals("decoder", decoder.modelType());
    assertEquals(Layout.DECODER, decoder.layout());
    assertThrows(CheckpointException.class, decoder::config);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "small",
        "unetr_f4",
        "unetr_f4_convtranspose",
        "unetr_full",
        "vit_b",
        "vit_l",
        "vit_h",
        "vit_t"
      })
  void theShapesThatAnArchitectureHasAreThoseOfTheFixtures(String name) {
    SamWeights weights = model(name);
    int width = name.contains("f4") || name.equals("small") ? 32 : 256;
    Map<String, long[]> expected = ExpectedShapes.of(weights.parts(), width);
    assertEquals(weights.tensors().keySet(), expected.keySet());
    weights.requireComplete();
  }

  @Test
  void allMissingExtraAndMisshapenKeysAreListed() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    tensors.remove("image_encoder.blocks.2.norm1.bias");
    tensors.remove("mask_decoder.iou_token.weight");
    put(tensors, "mask_decoder.surplus", 3);
    put(tensors, "image_encoder.neck.1.bias", 31);
    CheckpointException e =
        assertThrows(CheckpointException.class, SamWeights.of(tensors, Map.of())::requireComplete);
    assertEquals(
        "The tensors do not make up a vit_48x4: 2 missing: image_encoder.blocks.2.norm1.bias,"
            + " mask_decoder.iou_token.weight; 1 not part of the model: mask_decoder.surplus; 1 of"
            + " a wrong shape: image_encoder.neck.1.bias [31] instead of [32]",
        e.getMessage());
  }

  @Test
  void theClassifierOfMobileSamMayBeMissing() {
    Map<String, Tensor> tensors = FillTensor.model("vit_t");
    tensors.keySet().removeIf(k -> k.contains("encoder.head.") || k.contains("norm_head"));
    SamWeights.of(tensors, Map.of()).requireComplete();
  }

  @Test
  void aModelForAnotherImageSizeIsDescribed() {
    Map<String, Tensor> tensors = FillTensor.model("vit_b");
    put(tensors, "image_encoder.pos_embed", 1, 32, 32, 768);
    assertEquals(512, SamWeights.of(tensors, Map.of()).config().encoder().imageSize());
    assertEquals(
        VitConfig.VIT_B.globalBlocks(),
        ((VitConfig) SamWeights.of(tensors, Map.of()).config().encoder()).globalBlocks());
  }

  @Test
  void blocksThatAreAllGlobalHaveNoWindow() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    for (int i : new int[] {0, 2}) {
      put(tensors, "image_encoder.blocks." + i + ".attn.rel_pos_h", 31, 12);
    }
    VitConfig vit = (VitConfig) SamWeights.of(tensors, Map.of()).config().encoder();
    assertEquals(0, vit.window());
    assertEquals(List.of(0, 1, 2, 3), vit.globalBlocks());
  }

  @Test
  void moreMultimaskOutputsAreCounted() {
    Map<String, Tensor> tensors = FillTensor.model("vit_b");
    put(tensors, "mask_decoder.mask_tokens.weight", 8, 256);
    assertEquals(7, SamWeights.of(tensors, Map.of()).config().maskDecoder().multimaskOutputs());
  }

  @Test
  void whatShapesDoNotTellComesFromTheMetadata() {
    SamConfig config =
        new SamConfig(
            new TinyVitConfig(
                512,
                TinyVitConfig.VIT_T.widths(),
                TinyVitConfig.VIT_T.depths(),
                TinyVitConfig.VIT_T.heads(),
                TinyVitConfig.VIT_T.windows(),
                List.of(2, 2, 1, 1),
                256),
            new MaskDecoderConfig(3, 2, 4, 2048, 3, 256, 16),
            Optional.empty());
    Map<String, String> metadata = Map.of("microsam.config", config.parts().toJson());
    assertEquals(config, SamWeights.of(FillTensor.model("vit_t"), metadata).config());
  }

  @Test
  void architecturesGoThroughJson() {
    for (String name : List.of("small", "vit_t", "unetr_full", "unetr_f4_convtranspose")) {
      ModelParts parts = model(name).parts();
      assertEquals(parts, ModelParts.fromJson(parts.toJson()));
    }
    for (String broken : List.of("", "[]", "{\"vit\":{}}", "{\"vit\":3}", "{")) {
      assertThrows(CheckpointException.class, () -> ModelParts.fromJson(broken), broken);
    }
  }

  @Test
  void aDecoderIsCombinedWithTheModelThatItBelongsTo() {
    SamWeights both = model("vit_b").withDecoderOf(model("unetr_full"));
    assertEquals(
        new SamConfig(VitConfig.VIT_B, MaskDecoderConfig.SAM, Optional.of(UnetrConfig.MICRO_SAM)),
        both.config());
    both.requireComplete();
    assertThrows(CheckpointException.class, () -> model("vit_b").withDecoderOf(model("unetr_f4")));
    assertThrows(CheckpointException.class, () -> model("vit_b").withDecoderOf(model("vit_b")));
  }

  @Test
  void tensorsOfSomethingElseAreRefused() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    put(tensors, "conv1.weight", 64, 3, 7, 7);
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> SamWeights.of(tensors, Map.of()));
    assertTrue(e.getMessage().contains("found [conv1.weight]"), e.getMessage());
    assertThrows(CheckpointException.class, () -> SamWeights.of(Map.of(), Map.of()));
  }

  private static void put(Map<String, Tensor> tensors, String key, long... shape) {
    tensors.put(key, new FillTensor(key, key, shape));
  }
}
