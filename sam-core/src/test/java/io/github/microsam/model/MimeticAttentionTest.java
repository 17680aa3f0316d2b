package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class MimeticAttentionTest {
  private static final String TRANSFORMER = "mask_decoder.transformer.";

  private final WeightSource fresh = new RandomWeights(1);
  private final WeightSource mimetic = new MimeticAttention(fresh);

  private static INDArray draw(WeightSource source, String key, long... shape) {
    return source.create(key, Init.NORMAL, DataType.FLOAT, shape);
  }

  @Test
  void queriesAndKeysBetweenImageAndPromptBeginAlike() {
    for (String attention :
        new String[] {
          "layers.0.cross_attn_token_to_image.",
          "layers.1.cross_attn_image_to_token.",
          "final_attn_token_to_image."
        }) {
      String module = TRANSFORMER + attention;
      INDArray queries = draw(mimetic, module + "q_proj.weight", 4, 8);
      assertEquals(queries, draw(mimetic, module + "k_proj.weight", 4, 8));
      assertEquals(draw(fresh, module + "q_proj.weight", 4, 8).mul(4), queries);
      assertEquals(0, draw(mimetic, module + "k_proj.bias", 4).amaxNumber().doubleValue());
      assertEquals(0, draw(mimetic, module + "q_proj.bias", 4).amaxNumber().doubleValue());
    }
  }

  @Test
  void everyOtherWeightIsDrawnAsItsLayerSays() {
    for (String key :
        new String[] {
          TRANSFORMER + "final_attn_token_to_image.v_proj.weight",
          TRANSFORMER + "layers.0.self_attn.k_proj.weight",
          "image_encoder.layers.1.blocks.0.attn.qkv.weight",
          "mask_decoder.mask_tokens.weight"
        }) {
      assertEquals(draw(fresh, key, 4, 8), draw(mimetic, key, 4, 8), key);
    }
    String module = TRANSFORMER + "layers.0.self_attn.";
    assertNotEquals(
        draw(mimetic, module + "q_proj.weight", 4, 8),
        draw(mimetic, module + "k_proj.weight", 4, 8));
  }
}
