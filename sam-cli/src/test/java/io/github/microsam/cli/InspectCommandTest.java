package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.microsam.golden.Golden;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  @TempDir Path folder;

  @Test
  void theIncludedModelHasNoFileAndIsInspectedByName() {
    String said = CommandRun.of("inspect", "nano").output();
    assertTrue(said.contains("microsam.resolution = native"), said);
    assertTrue(said.contains("image_encoder."), said);
  }

  @Test
  void theJsonListsEveryTensorOfTheFixturesWithItsTypeAndShape() {
    JsonObject manifest = Golden.open("checkpoints").manifest();
    Map<String, String> types =
        Map.of("float", "f", "bfloat", "bf", "int", "i", "uint", "u", "bool", "bool");
    int files = 0;
    for (JsonElement entry : manifest.getAsJsonArray("files")) {
      String file = entry.getAsJsonObject().get("file").getAsString();
      Map<String, String> expected = new TreeMap<>();
      entry
          .getAsJsonObject()
          .getAsJsonObject("tensors")
          .entrySet()
          .forEach(
              tensor -> {
                JsonObject content = tensor.getValue().getAsJsonObject();
                String dtype = content.get("dtype").getAsString();
                String letters = dtype.replaceAll("\\d", "");
                expected.put(
                    tensor.getKey(),
                    types.get(letters) + dtype.substring(letters.length()) + content.get("shape"));
              });
      Map<String, String> actual = new TreeMap<>();
      for (JsonElement element : json(checkpoint(file)).getAsJsonArray("tensors")) {
        JsonObject tensor = element.getAsJsonObject();
        actual.put(
            tensor.get("name").getAsString(),
            tensor.get("dtype").getAsString() + tensor.get("shape"));
      }
      assertEquals(expected, actual, file);
      files++;
    }
    assertEquals(22, files);
  }

  @Test
  void theJsonSaysWhatKindOfModelItIs() {
    JsonObject report = json(checkpoint("small_joint_training.pt"));
    assertEquals("pytorch_zip", report.get("format").getAsString());
    assertEquals("micro-sam training checkpoint", report.get("layout").getAsString());
    assertEquals("bilinear", report.get("decoder").getAsString());
    JsonObject vit = report.getAsJsonObject("config").getAsJsonObject("vit");
    assertEquals(256, vit.get("imageSize").getAsInt());
    assertEquals(48, vit.get("width").getAsInt());
    assertEquals(2, report.getAsJsonObject("metadata").get("iteration").getAsInt());
    assertTrue(report.get("adapter").isJsonNull() && report.get("problem").isJsonNull());
    assertEquals(
        "transposed",
        json(checkpoint("small_decoder_convtranspose.pt")).get("decoder").getAsString());
  }

  @Test
  void adaptersAreDescribed() {
    JsonObject adapter = json(checkpoint("small_lora_qkv_mlp.pt")).getAsJsonObject("adapter");
    assertEquals("LoRa", adapter.get("kind").getAsString());
    assertEquals("[\"q\",\"k\",\"v\",\"mlp\"]", adapter.get("matrices").toString());
    assertTrue(adapter.get("mergeable").getAsBoolean());
  }

  @Test
  void theTextHasTheFactsAndALineForEachTensor() {
    Path file = checkpoint("small_plain.safetensors");
    String text = CommandRun.of("inspect", file).output();
    assertTrue(text.startsWith("file          " + file + "\nformat        safetensors\n"), text);
    assertTrue(text.contains("\ntensors       202, 868.0 kB (202 f32)\n\n"), text);
    assertTrue(
        text.contains(
            "\nf32   [144, 48]                 27.6 kB  image_encoder.blocks.0.attn.qkv.weight\n"),
        text);
    assertEquals(202, text.substring(text.indexOf("\n\n") + 2).lines().count());
  }

  @Test
  void aFileWithoutAModelIsShownAllTheSame() {
    JsonObject report = json(checkpoint("odd_zip.pth"));
    assertTrue(report.get("type").isJsonNull());
    assertTrue(report.get("problem").getAsString().contains("no weights"), report.toString());
    assertEquals(29, report.getAsJsonArray("tensors").size());
  }

  @Test
  void namesInAFileDoNotSteerTheTerminal() throws IOException {
    byte[] header =
        "{\"\\u001b[2Jx\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 1).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header).put((byte) 7);
    Path file = Files.write(folder.resolve("x.safetensors"), bytes.array());
    String text = CommandRun.of("inspect", file).output();
    assertFalse(text.contains("\u001b"), text);
    assertTrue(text.contains("?[2Jx"), text);
  }

  @Test
  void whatIsNoCheckpointIsOneLine() throws IOException {
    Path page = Files.writeString(folder.resolve("model.pt"), "<html>not found</html>");
    String error = CommandRun.of("inspect", page).failure();
    assertTrue(error.startsWith("microsam inspect: " + page + ": "), error);
    assertTrue(CommandRun.of("inspect", folder).failure().contains("directory"));
    assertTrue(CommandRun.of("inspect", folder.resolve("none")).failure().contains("no such file"));
  }

  private static Path checkpoint(String name) {
    return Golden.shared("golden/checkpoints/" + name);
  }

  private static JsonObject json(Path file) {
    return JsonParser.parseString(CommandRun.of("inspect", "--json", file).output())
        .getAsJsonObject();
  }
}
