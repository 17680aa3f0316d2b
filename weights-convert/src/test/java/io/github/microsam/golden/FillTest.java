package io.github.microsam.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FillTest {

  @Test
  void uniformNumbersAreThoseOfTheTable() {
    assertEquals(0xaf63dc4c8601ec8cL, Fill.hash("a"));
    double[] u = new double[4];
    for (int i = 0; i < 4; i++) {
      u[i] = Fill.uniform(Fill.hash("image_encoder.pos_embed"), i);
    }
    assertArrayEquals(
        new double[] {
          0.0858311653137207, 0.5880817174911499, 0.5984503030776978, 0.9374080896377563
        },
        u);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"small", "unetr_f4", "unetr_f4_convtranspose", "unetr_full", "vit_t", "vit_b"})
  void everyTensorHasTheHashOfTheFixtures(String model) throws Exception {
    checkHashes(model);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"vit_l", "vit_h"})
  void everyTensorOfALargeModelHasTheHashOfTheFixtures(String model) throws Exception {
    checkHashes(model);
  }

  private static void checkHashes(String model) throws Exception {
    JsonObject tensors;
    try (InputStreamReader in =
        new InputStreamReader(Golden.open("fill_check", model + ".json"), StandardCharsets.UTF_8)) {
      tensors = JsonParser.parseReader(in).getAsJsonObject();
    }
    for (Map.Entry<String, JsonElement> e : tensors.entrySet()) {
      JsonObject t = e.getValue().getAsJsonObject();
      long[] shape =
          t.getAsJsonArray("shape").asList().stream().mapToLong(JsonElement::getAsLong).toArray();
      assertEquals(t.get("sha256").getAsString(), sha256(e.getKey(), shape), e::getKey);
    }
  }

  private static String sha256(String key, long[] shape) throws Exception {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    if (Fill.isCounter(key)) {
      sha.update(new byte[8]);
    } else {
      float[] values = Fill.weights(key, shape);
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      sha.update(bytes);
    }
    return HexFormat.of().formatHex(sha.digest());
  }
}
