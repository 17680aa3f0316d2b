package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.engine.Engine;
import io.github.microsam.golden.Golden;
import io.github.microsam.weights.CheckpointException;
import io.github.microsam.weights.Conversion;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.Tensor;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SamModelTest {
  private static final SamConfig TINY =
      new SamConfig(
          new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
          new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
          Optional.of(new UnetrConfig(4, 4, false, 3)));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "small_plain.pth",
        "small_plain_torch2.pth",
        "small_legacy.pth",
        "small_plain.safetensors",
        "small_flat_shared.pth",
        "small_noncontiguous.pth"
      })
  void everyLayoutOfTheSameWeightsGivesTheSameModel(String file) {
    try (SamModel model = SamModel.load(Golden.shared("golden/checkpoints/" + file))) {
      Golden golden = Golden.open("small_encoder");
      INDArray input = Goldens.array(golden, "input");
      INDArray embedding =
          model
              .imageEncoder()
              .run(Map.of(ImageEncoder.IMAGE, input), List.of(ImageEncoder.EMBEDDING))
              .get(ImageEncoder.EMBEDDING);
      golden.assertMatches("embedding", embedding.shape(), embedding.data().asFloat());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "small_joint_training.pt",
        "small_export_with_decoder.pt",
        "small_export_sam_only.pth",
        "small_half.pth",
        "small_bfloat16.pth",
        "small_lora.pt",
        "small_lora_qkv_mlp.pt"
      })
  void trainingCheckpointsExportsAndAdaptersLoad(String file) {
    try (SamModel model = SamModel.load(Golden.shared("golden/checkpoints/" + file))) {
      assertEquals(256, model.config().encoder().imageSize());
      assertEquals(file.contains("joint") || file.contains("with"), model.unetr().isPresent());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "model.pt"})
  void savedAndLoadedItIsTheSameModel(String file) {
    Path path = folder.resolve(file);
    try (SamModel model = SamModel.random(TINY, 7)) {
      model.save(path);
      try (SamModel loaded = SamModel.load(path)) {
        assertEquals(model.fingerprint(), loaded.fingerprint());
        assertEquals(TINY, loaded.config());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "model.pt"})
  void aTinyVitIsSavedWithTheTensorsThatItDoesNotUse(String file) {
    SamConfig tiny =
        TINY.withEncoder(
            new TinyVitConfig(
                64,
                List.of(8, 8, 16, 16),
                List.of(1, 1, 1, 1),
                List.of(1, 2, 2, 2),
                List.of(4, 4, 4, 4),
                16));
    Path path = folder.resolve(file);
    try (SamModel model = SamModel.random(tiny, 7)) {
      model.save(path);
      try (SamModel loaded = SamModel.load(path);
          SamWeights weights = SamWeights.open(path)) {
        assertEquals(model.fingerprint(), loaded.fingerprint());
        assertTrue(weights.tensors().containsKey("image_encoder.norm_head.weight"));
      }
    }
  }

  @Test
  void closingFreesAllArraysOfTheGraphs() {
    SamModel model = SamModel.random(TINY, 7);
    List<INDArray> arrays = new ArrayList<>();
    for (Engine engine :
        List.of(model.imageEncoder(), model.promptEncoder(), model.maskDecoder())) {
      for (SDVariable v : engine.graph().variables()) {
        if (v.isConstant() || v.getVariableType() == VariableType.VARIABLE) {
          arrays.add(v.getArr());
        }
      }
    }
    assertTrue(arrays.size() > 100);
    model.close();
    model.close();
    assertTrue(arrays.stream().allMatch(INDArray::wasClosed));
  }

  @Test
  void howAModelIsUsedIsSavedWithIt() {
    Path path = folder.resolve("model.safetensors");
    ModelOptions options =
        ModelOptions.defaults()
            .withNativeResolution(true)
            .withBatchStatistics(BatchStatistics.RUNNING);
    try (SamModel model = SamModel.random(TINY, options, 7)) {
      model.save(path);
    }
    try (SamModel loaded = SamModel.load(path)) {
      assertEquals(options, loaded.options());
    }
  }

  @Test
  void aFileMayAskForRunningStatistics() {
    Path path = folder.resolve("model.safetensors");
    INDArray embedding = Nd4j.rand(1, 16, 4, 4);
    try (SamModel model = SamModel.random(TINY, 7)) {
      model.save(path);
    }
    Path asking = folder.resolve("running.safetensors");
    try (SamWeights weights = SamWeights.open(path)) {
      SamWeights running =
          SamWeights.of(weights.tensors(), TINY, Map.of("microsam.batch_statistics", "running"));
      Conversion.defaults().convert(running, asking);
    }
    assertNotEquals(maps(SamModel.load(path), embedding), maps(SamModel.load(asking), embedding));
    ModelOptions running = ModelOptions.defaults().withBatchStatistics(BatchStatistics.RUNNING);
    assertEquals(
        maps(SamModel.load(path, running), embedding), maps(SamModel.load(asking), embedding));
  }

  private static INDArray maps(SamModel model, INDArray embedding) {
    try (model) {
      return model
          .unetr()
          .orElseThrow()
          .run(Map.of(UnetrDecoder.EMBEDDING, embedding), List.of(UnetrDecoder.MAPS))
          .get(UnetrDecoder.MAPS);
    }
  }

  @Test
  void theSeedDecidesTheWeights() {
    try (SamModel a = SamModel.random(TINY, 7);
        SamModel b = SamModel.random(TINY, 7);
        SamModel c = SamModel.random(TINY, 8)) {
      assertEquals(a.fingerprint(), b.fingerprint());
      assertNotEquals(a.fingerprint(), c.fingerprint());
    }
  }

  @Test
  void everyTensorThatDoesNotFitIsNamed() {
    Path path = folder.resolve("model.safetensors");
    try (SamModel model = SamModel.random(TINY, 7)) {
      model.save(path);
    }
    try (SamWeights weights = SamWeights.open(path)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>(weights.tensors());
      tensors.remove("image_encoder.blocks.1.norm2.bias");
      tensors.remove("mask_decoder.iou_token.weight");
      Tensor proj = tensors.get("image_encoder.blocks.0.attn.proj.bias");
      tensors.put("image_encoder.blocks.0.attn.proj.weight", proj);
      tensors.put("image_encoder.blocks.0.attn.extra", proj);
      SamWeights broken = SamWeights.of(tensors, TINY, Map.of());
      String message =
          assertThrows(
                  CheckpointException.class, () -> SamModel.of(broken, ModelOptions.defaults()))
              .getMessage();
      for (String key :
          List.of("blocks.1.norm2.bias", "iou_token.weight", "attn.proj.weight", "attn.extra")) {
        assertTrue(message.contains(key), message);
      }
    }
  }

  @Test
  void aDecoderAloneIsNoModel() {
    Path file = Golden.shared("golden/checkpoints/small_decoder_only.pt");
    String message =
        assertThrows(CheckpointException.class, () -> SamModel.load(file)).getMessage();
    assertTrue(message.contains("not a whole model"), message);
  }

  @Test
  void networksRunTogether() {
    try (SamModel model = SamModel.random(TINY, 7)) {
      INDArray image = Nd4j.rand(1, 3, 64, 64);
      INDArray embedding =
          model.imageEncoder().run(Map.of("image", image), List.of("embedding")).get("embedding");
      INDArray maps =
          model
              .unetr()
              .orElseThrow()
              .run(Map.of("embedding", embedding), List.of("maps"))
              .get("maps");
      assertEquals(
          List.of(1L, 3L, 64L, 64L),
          List.of(maps.size(0), maps.size(1), maps.size(2), maps.size(3)));
      assertTrue(maps.minNumber().doubleValue() >= 0 && maps.maxNumber().doubleValue() <= 1);
    }
  }
}
