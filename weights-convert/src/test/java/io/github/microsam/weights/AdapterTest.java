package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.FillTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Parameter-efficient layers are recognised, and merged as a plain implementation merges them. */
class AdapterTest {
  private static final int WIDTH = 48;
  private static final List<Integer> ALL = List.of(0, 1, 2, 3);

  /** Base values are below 1, so this is a unit in the last place of single precision. */
  private static final float ULP = 6e-8f;

  @Test
  void loraOfQAndVIsMerged() {
    try (SamWeights weights = SamWeights.open(Fixtures.checkpoint("small_lora.pt"))) {
      assertEquals(Optional.of(new Adapter.LoRa(4, List.of("q", "v"), ALL)), weights.adapter());
      assertEquals(ShapeReadingTest.SMALL_VIT, weights.config().encoder());
      weights.requireComplete();
      assertLoraIsMerged(weights);
    }
  }

  @Test
  void loraOfAllMatricesIsMerged() {
    try (SamWeights weights = SamWeights.open(Fixtures.checkpoint("small_lora_qkv_mlp.pt"))) {
      assertEquals(
          Optional.of(new Adapter.LoRa(3, List.of("q", "k", "v", "mlp"), ALL)), weights.adapter());
      weights.requireComplete();
      assertLoraIsMerged(weights);
    }
  }

  private static void assertLoraIsMerged(SamWeights weights) {
    SamWeights merged = weights.merged();
    assertEquals(FillTensor.model("small").keySet(), merged.tensors().keySet());
    assertEquals(Optional.empty(), merged.adapter());
    boolean mlp = weights.tensors().containsKey("image_encoder.blocks.0.mlp.w_a_linear_1.weight");
    for (int b : ALL) {
      String block = "image_encoder.blocks." + b + ".";
      String qkv = block + "attn.qkv.";
      float[] expected = weights.tensor(qkv + "qkv_proj.weight").toFloats();
      for (String part : List.of("q", "k", "v")) {
        if (weights.tensors().containsKey(qkv + "w_a_linear_" + part + ".weight")) {
          addProduct(
              expected,
              "qkv".indexOf(part) * WIDTH,
              weights.tensor(qkv + "w_b_linear_" + part + ".weight"),
              weights.tensor(qkv + "w_a_linear_" + part + ".weight"));
        }
      }
      assertArrayEquals(expected, merged.tensor(qkv + "weight").toFloats(), ULP, qkv);
      assertEquals(
          weights.tensor(qkv + "qkv_proj.bias").read(), merged.tensor(qkv + "bias").read());
      for (int n = 1; mlp && n <= 2; n++) {
        expected = weights.tensor(block + "mlp.mlp_layer.lin" + n + ".weight").toFloats();
        addProduct(
            expected,
            0,
            weights.tensor(block + "mlp.w_b_linear_" + n + ".weight"),
            weights.tensor(block + "mlp.w_a_linear_" + n + ".weight"));
        Tensor actual = merged.tensor(block + "mlp.lin" + n + ".weight");
        assertArrayEquals(expected, actual.toFloats(), ULP, actual.name());
      }
    }
  }

  /** Adds B·A to the rows from {@code firstRow} on. */
  private static void addProduct(float[] w, int firstRow, Tensor b, Tensor a) {
    int rank = (int) a.shape()[0];
    int columns = (int) a.shape()[1];
    float[] left = b.toFloats();
    float[] right = a.toFloats();
    for (int r = 0; r < b.shape()[0]; r++) {
      for (int c = 0; c < columns; c++) {
        double sum = 0;
        for (int k = 0; k < rank; k++) {
          sum += (double) left[r * rank + k] * right[k * columns + c];
        }
        w[(firstRow + r) * columns + c] += (float) sum;
      }
    }
  }

  @Test
  void factOfTheLastBlocksIsMerged() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    for (int b = 2; b < 4; b++) {
      String qkv = "image_encoder.blocks." + b + ".attn.qkv.";
      wrap(tensors, qkv, "qkv_proj.", "weight", "bias");
      put(tensors, qkv + "q_FacTs.weight", 5, 5);
      put(tensors, qkv + "v_FacTs.weight", 5, 5);
      put(tensors, qkv + "FacTu.weight", 5, WIDTH);
      put(tensors, qkv + "FacTv.weight", WIDTH, 5);
    }
    SamWeights weights = SamWeights.of(tensors, Map.of());
    assertEquals(Optional.of(new Adapter.FacT(5, List.of(2, 3))), weights.adapter());
    SamWeights merged = weights.merged();
    assertEquals(FillTensor.model("small").keySet(), merged.tensors().keySet());
    String qkv = "image_encoder.blocks.2.attn.qkv.";
    float[] expected = small(qkv + "weight").toFloats();
    for (String part : List.of("q", "v")) {
      float[] inner = new float[5 * WIDTH];
      addProduct(
          inner, 0, tensors.get(qkv + part + "_FacTs.weight"), tensors.get(qkv + "FacTu.weight"));
      addProduct(
          expected,
          "qkv".indexOf(part) * WIDTH,
          tensors.get(qkv + "FacTv.weight"),
          Tensor.of("inner", DType.F32, new long[] {5, WIDTH}, bytes(inner)));
    }
    assertArrayEquals(expected, merged.tensor(qkv + "weight").toFloats(), 5 * ULP);
    String first = "image_encoder.blocks.0.attn.qkv.weight";
    assertEquals(small(first).read(), merged.tensor(first).read());
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  @Test
  void scaleAndShiftAreMergedIntoLinearLayersNormsAndThePatchEmbedding() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    for (String layer :
        List.of(
            "patch_embed.proj.", "blocks.1.norm1.", "blocks.1.attn.qkv.", "blocks.1.mlp.lin2.")) {
      String at = "image_encoder." + layer;
      wrap(tensors, at, "layer.", "weight", "bias");
      long rows = small(at + "bias").shape()[0];
      put(tensors, at + "scale", rows);
      put(tensors, at + "shift", rows);
    }
    SamWeights weights = SamWeights.of(tensors, Map.of());
    assertEquals(Optional.of(new Adapter.ScaleShift(List.of(1))), weights.adapter());
    assertEquals(ShapeReadingTest.SMALL_VIT, weights.config().encoder());
    SamWeights merged = weights.merged();
    assertEquals(FillTensor.model("small").keySet(), merged.tensors().keySet());
    for (String layer : List.of("patch_embed.proj.", "blocks.1.norm1.", "blocks.1.attn.qkv.")) {
      String at = "image_encoder." + layer;
      float[] scale = tensors.get(at + "scale").toFloats();
      float[] shift = tensors.get(at + "shift").toFloats();
      float[] weight = small(at + "weight").toFloats();
      float[] bias = small(at + "bias").toFloats();
      int columns = weight.length / bias.length;
      for (int r = 0; r < bias.length; r++) {
        bias[r] = bias[r] * scale[r] + shift[r];
        for (int c = 0; c < columns; c++) {
          weight[r * columns + c] *= scale[r];
        }
      }
      assertArrayEquals(weight, merged.tensor(at + "weight").toFloats(), ULP, at);
      assertArrayEquals(bias, merged.tensor(at + "bias").toFloats(), ULP, at);
    }
  }

  @Test
  void adaptFormerIsDescribedAndNotMerged() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    String mlp = "image_encoder.blocks.3.mlp.";
    wrap(tensors, mlp, "mlp_proj.", "lin1.weight", "lin1.bias", "lin2.weight", "lin2.bias");
    put(tensors, mlp + "alpha", 1);
    put(tensors, mlp + "down_proj.weight", 8, WIDTH);
    put(tensors, mlp + "down_proj.bias", 8);
    put(tensors, mlp + "up_proj.weight", WIDTH, 8);
    put(tensors, mlp + "up_proj.bias", WIDTH);
    SamWeights weights = SamWeights.of(tensors, Map.of());
    assertEquals(Optional.of(new Adapter.AdaptFormer(8, true, List.of(3))), weights.adapter());
    weights.requireComplete();
    CheckpointException e = assertThrows(CheckpointException.class, weights::merged);
    assertTrue(e.getMessage().contains("ReLU"), e.getMessage());
  }

  @Test
  void aHalfOfAnAdapterIsRefused() {
    Map<String, Tensor> tensors = FillTensor.model("small");
    put(tensors, "image_encoder.blocks.0.attn.qkv.w_a_linear_q.weight", 4, WIDTH);
    SamWeights weights = SamWeights.of(tensors, Map.of());
    CheckpointException e = assertThrows(CheckpointException.class, weights::merged);
    assertTrue(e.getMessage().contains("w_b_linear_q.weight is missing"), e.getMessage());
  }

  private static Tensor small(String key) {
    return FillTensor.model("small").get(key);
  }

  private static void put(Map<String, Tensor> tensors, String key, long... shape) {
    tensors.put(key, new FillTensor(key, key, shape));
  }

  /** Puts layers where a surgery of micro-sam puts them. */
  private static void wrap(Map<String, Tensor> tensors, String at, String into, String... names) {
    for (String name : names) {
      tensors.put(at + into + name, tensors.remove(at + name).renamed(at + into + name));
    }
  }
}
