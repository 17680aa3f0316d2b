package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.FillTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every layout of the golden checkpoints becomes the key set of the model's formula. */
class SamWeightsTest {
  private static final UnetrConfig F4 = new UnetrConfig(4, 4, false, 3);

  private static Set<String> sam() {
    return FillTensor.model("small").keySet();
  }

  private static Set<String> unetr() {
    Set<String> keys = new LinkedHashSet<>(FillTensor.model("unetr_f4").keySet());
    keys.removeIf(key -> key.startsWith("encoder."));
    return keys;
  }

  private static Set<String> union(Set<String> a, Set<String> b) {
    Set<String> both = new LinkedHashSet<>(a);
    both.addAll(b);
    return both;
  }

  private static void assertWeights(String file, Layout layout, Set<String> keys) {
    try (SamWeights weights = SamWeights.open(Fixtures.checkpoint(file))) {
      assertEquals(layout, weights.layout());
      assertEquals(keys, weights.tensors().keySet());
      weights.requireComplete();
      assertEquals(List.of(), weights.nonFinite());
      weights.tensors().forEach((key, tensor) -> assertEquals(key, tensor.name()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "small_plain.pth",
        "small_plain_torch2.pth",
        "small_legacy.pth",
        "small_half.pth",
        "small_bfloat16.pth",
        "small_flat_shared.pth",
        "small_noncontiguous.pth",
        "small_export_sam_only.pth",
        "small_plain.safetensors"
      })
  void plainStateDicts(String file) {
    assertWeights(file, Layout.SAM, sam());
  }

  @Test
  void checkpointsOfMicroSam() {
    assertWeights("small_joint_training.pt", Layout.MICRO_SAM_TRAINING, union(sam(), unetr()));
    assertWeights("small_export_with_decoder.pt", Layout.MICRO_SAM_EXPORT, union(sam(), unetr()));
    assertWeights("small_decoder_only.pt", Layout.DECODER, unetr());
  }

  @Test
  void trainingForAutomaticSegmentationOnlyHasNoMaskDecoder() {
    Set<String> keys = new LinkedHashSet<>(sam());
    keys.removeIf(key -> !key.startsWith("image_encoder."));
    assertWeights("small_instseg_training.pt", Layout.UNETR, union(keys, unetr()));
    try (SamWeights weights = SamWeights.open(Fixtures.checkpoint("small_instseg_training.pt"))) {
      assertEquals(
          new ModelParts(
              Optional.of(ShapeReadingTest.SMALL_VIT), Optional.empty(), Optional.of(F4)),
          weights.parts());
      CheckpointException e = assertThrows(CheckpointException.class, weights::config);
      assertTrue(e.getMessage().contains("no mask decoder"), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"small_decoder_only.pt,false", "small_decoder_convtranspose.pt,true"})
  void aDecoderFromAFileOfItsOwnCompletesAModel(String decoder, boolean transposed) {
    try (SamWeights weights =
        SamWeights.open(Fixtures.checkpoint("small_plain.pth"), Fixtures.checkpoint(decoder))) {
      assertEquals(
          new SamConfig(
              ShapeReadingTest.SMALL_VIT,
              ShapeReadingTest.SMALL_DECODER,
              Optional.of(new UnetrConfig(4, 4, transposed, 3))),
          weights.config());
      weights.requireComplete();
      assertEquals(3, weights.tensor("out_conv.bias").toFloats().length);
    }
  }

  @Test
  void closedWeightsCannotBeRead() {
    SamWeights weights = SamWeights.open(Fixtures.checkpoint("small_decoder_only.pt"));
    Tensor tensor = weights.tensor("out_conv.weight");
    weights.close();
    assertThrows(CheckpointException.class, tensor::toFloats);
  }

  @ParameterizedTest
  @ValueSource(strings = {"module.", "module.sam.", "_orig_mod.", "model_state/module.sam."})
  void prefixesOfWrappersAreRemoved(String prefix) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    FillTensor.model("small")
        .forEach((key, t) -> tensors.put(prefix + key, t.renamed(prefix + key)));
    assertEquals(sam(), SamWeights.of(tensors, Map.of()).tensors().keySet());
  }

  @Test
  void twoModelsInOneFileAreRefused() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    Tensor twin = new FillTensor("sam.image_encoder.pos_embed", "x", 1, 16, 16, 48);
    tensors.put(twin.name(), twin);
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> SamWeights.of(tensors, Map.of()));
    assertTrue(e.getMessage().contains(twin.name()), e.getMessage());
  }

  @Test
  void whatIsMissingIsNamed() {
    Path odd = Fixtures.checkpoint("odd_zip.pth");
    CheckpointException e = assertThrows(CheckpointException.class, () -> SamWeights.open(odd));
    assertTrue(e.getMessage().startsWith(odd.toString()), e.getMessage());
    assertTrue(e.getMessage().contains("no weights of a Segment Anything"), e.getMessage());
    Path half = Fixtures.checkpoint("small_double.pth");
    e = assertThrows(CheckpointException.class, () -> SamWeights.open(half));
    assertTrue(e.getMessage().contains("blocks.0.attn.rel_pos_h is missing"), e.getMessage());
    try (SamWeights decoder = SamWeights.open(Fixtures.checkpoint("small_decoder_only.pt"))) {
      e = assertThrows(CheckpointException.class, () -> decoder.tensor("mask_decoder.x"));
      assertTrue(e.getMessage().contains("mask_decoder.x"), e.getMessage());
    }
  }

  @Test
  void weightsThatAreNotFiniteAreNamed() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    put(tensors, "image_encoder.neck.1.bias", DType.F32, Float.floatToIntBits(Float.NaN), 32);
    put(tensors, "image_encoder.neck.3.bias", DType.F16, 0xfc00, 32);
    put(tensors, "image_encoder.neck.1.weight", DType.BF16, 0x7f80, 32);
    put(tensors, "image_encoder.neck.3.weight", DType.F32, Float.floatToIntBits(3e38f), 32);
    assertEquals(
        List.of(
            "image_encoder.neck.1.weight",
            "image_encoder.neck.1.bias",
            "image_encoder.neck.3.bias"),
        SamWeights.of(tensors, Map.of()).nonFinite());
  }

  private static void put(
      Map<String, Tensor> tensors, String key, DType type, int lastBits, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count * type.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    int last = bytes.capacity() - type.byteSize();
    if (type == DType.F32) {
      bytes.putInt(last, lastBits);
    } else {
      bytes.putShort(last, (short) lastBits);
    }
    tensors.put(key, Tensor.of(key, type, new long[] {count}, bytes));
  }
}
