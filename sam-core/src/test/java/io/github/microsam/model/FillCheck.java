package io.github.microsam.model;

import com.google.gson.JsonElement;
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

/** Keys and shapes of a model: those of the fixtures, and those that a graph asked for. */
final class FillCheck {
  private FillCheck() {}

  /** Shape of each tensor of a model of the fixtures whose key starts with the prefix. */
  static Map<String, List<Long>> expected(String model, String prefix) {
    Map<String, List<Long>> shapes = new TreeMap<>();
    try (InputStreamReader in =
        new InputStreamReader(Golden.open("fill_check", model + ".json"), StandardCharsets.UTF_8)) {
      for (Map.Entry<String, JsonElement> e :
          JsonParser.parseReader(in).getAsJsonObject().entrySet()) {
        if (e.getKey().startsWith(prefix)) {
          List<JsonElement> shape = e.getValue().getAsJsonObject().getAsJsonArray("shape").asList();
          shapes.put(e.getKey(), shape.stream().map(JsonElement::getAsLong).toList());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return shapes;
  }

  /** Shape of each tensor of a model: the weights of its graph, and what it carries besides. */
  static Map<String, List<Long>> actual(FillWeights weights, List<CarriedTensor> carried) {
    Map<String, List<Long>> shapes = new TreeMap<>();
    weights.shapes().forEach((k, shape) -> shapes.put(k, Arrays.stream(shape).boxed().toList()));
    carried.forEach(t -> shapes.put(t.key(), t.shape()));
    return shapes;
  }
}
