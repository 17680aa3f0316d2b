package io.github.microsam.cli;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.Checkpoint;
import io.github.microsam.weights.CheckpointException;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.Tensor;
import java.util.Locale;
import java.util.Map;

/** What there is to say about a checkpoint, as the JSON object that {@code --json} prints. */
final class CheckpointReport {
  private CheckpointReport() {}

  /**
   * Members: {@code file}, {@code format}, {@code layout}, {@code type}, {@code config} (an object
   * for each part of the model), {@code decoder} ({@code bilinear} or {@code transposed}), {@code
   * adapter}, {@code problem} (why this is no Segment Anything model; the five before are null
   * then), {@code metadata}, {@code tensorBytes}, {@code tensors}.
   */
  static JsonObject of(Checkpoint checkpoint) {
    JsonObject report = new JsonObject();
    report.addProperty("file", checkpoint.path().toString());
    report.addProperty("format", checkpoint.format().name().toLowerCase(Locale.ROOT));
    for (String name : new String[] {"layout", "type", "config", "decoder", "adapter", "problem"}) {
      report.add(name, JsonNull.INSTANCE);
    }
    try {
      addModel(report, SamWeights.of(checkpoint.tensors(), checkpoint.metadata()));
    } catch (CheckpointException e) {
      report.addProperty("problem", e.getMessage());
    }
    report.add("metadata", metadata(checkpoint));
    JsonArray tensors = new JsonArray();
    long bytes = 0;
    for (Tensor tensor : checkpoint.tensors().values()) {
      tensors.add(tensor(tensor));
      bytes += tensor.byteSize();
    }
    report.addProperty("tensorBytes", bytes);
    report.add("tensors", tensors);
    return report;
  }

  private static void addModel(JsonObject report, SamWeights weights) {
    report.addProperty("layout", weights.layout().description());
    report.addProperty("type", weights.modelType());
    report.add("config", JsonParser.parseString(weights.parts().toJson()));
    weights
        .parts()
        .unetr()
        .ifPresent(
            unetr -> report.addProperty("decoder", unetr.transposed() ? "transposed" : "bilinear"));
    weights.adapter().ifPresent(adapter -> report.add("adapter", adapter(adapter)));
  }

  private static JsonObject adapter(Adapter adapter) {
    JsonObject json = new JsonObject();
    json.addProperty("kind", adapter.getClass().getSimpleName());
    new Gson()
        .toJsonTree(adapter)
        .getAsJsonObject()
        .entrySet()
        .forEach(entry -> json.add(entry.getKey(), entry.getValue()));
    json.addProperty("mergeable", adapter.obstacle().isEmpty());
    return json;
  }

  /**
   * The texts of a safetensors file; the numbers and texts beside the weights in a PyTorch file.
   */
  private static JsonObject metadata(Checkpoint checkpoint) {
    JsonObject json = new JsonObject();
    checkpoint.metadata().forEach(json::addProperty);
    if (checkpoint.root() instanceof Map<?, ?> root) {
      root.forEach(
          (key, value) -> {
            if (value instanceof Number number) {
              // JSON has no NaN and no infinity.
              boolean finite = Double.isFinite(number.doubleValue());
              json.add(
                  String.valueOf(key),
                  finite ? new JsonPrimitive(number) : new JsonPrimitive(number.toString()));
            } else if (value instanceof String || value instanceof Boolean) {
              json.addProperty(String.valueOf(key), value.toString());
            }
          });
    }
    return json;
  }

  private static JsonObject tensor(Tensor tensor) {
    JsonObject json = new JsonObject();
    json.addProperty("name", tensor.name());
    json.addProperty("dtype", tensor.dtype().toString());
    JsonArray shape = new JsonArray();
    for (long size : tensor.shape()) {
      shape.add(size);
    }
    json.add("shape", shape);
    json.addProperty("bytes", tensor.byteSize());
    return json;
  }
}
