package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.microsam.golden.Golden;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compares the weights that graphs ask for with those of the reference's models. */
final class FillKeys {
  private FillKeys() {}

  /**
   * Fails unless the keys that begin with a prefix, and their shapes, are the same in both.
   *
   * @param model name of a model of the set fill_check
   * @param prefix beginning of the keys that are compared
   * @param shapes shape of each weight that was asked for
   */
  static void assertKeys(String model, String prefix, Map<String, long[]> shapes) {
    Map<String, List<Long>> expected = new TreeMap<>();
    for (Map.Entry<String, JsonElement> e : tensors(model).entrySet()) {
      if (e.getKey().startsWith(prefix)) {
        JsonObject tensor = e.getValue().getAsJsonObject();
        expected.put(
            e.getKey(),
            tensor.getAsJsonArray("shape").asList().stream().map(JsonElement::getAsLong).toList());
      }
    }
    Map<String, List<Long>> actual = new TreeMap<>();
    shapes.forEach((key, shape) -> actual.put(key, Arrays.stream(shape).boxed().toList()));
    assertEquals(expected, actual);
  }

  private static JsonObject tensors(String model) {
    try (InputStreamReader in =
        new InputStreamReader(Golden.open("fill_check", model + ".json"), StandardCharsets.UTF_8)) {
      return JsonParser.parseReader(in).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
