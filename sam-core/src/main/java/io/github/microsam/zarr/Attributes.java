package io.github.microsam.zarr;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Attributes of a group or an array.
 *
 * @param node its folder
 * @param format in version 2 a file of their own, in version 3 a part of the metadata
 */
record Attributes(Path node, ZarrFormat format) {
  static final String V2 = ".zattrs";
  static final String V3 = "zarr.json";
  private static final String MEMBER = "attributes";

  JsonObject read() {
    if (format == ZarrFormat.V2) {
      return json(node.resolve(V2)).orElseGet(JsonObject::new);
    }
    JsonObject metadata = json(node.resolve(V3)).orElseGet(JsonObject::new);
    return metadata.has(MEMBER) ? metadata.getAsJsonObject(MEMBER) : new JsonObject();
  }

  void write(JsonObject attributes) {
    if (format == ZarrFormat.V2) {
      write(node.resolve(V2), attributes);
      return;
    }
    JsonObject metadata = json(node.resolve(V3)).orElseGet(JsonObject::new);
    metadata.add(MEMBER, attributes);
    write(node.resolve(V3), metadata);
  }

  static Optional<JsonObject> json(Path file) {
    return ChunkFiles.read(file)
        .map(
            bytes -> {
              try {
                return JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8))
                    .getAsJsonObject();
              } catch (JsonParseException | IllegalStateException e) {
                throw new ZarrException(file + " is no JSON object: it is damaged.", e);
              }
            });
  }

  static void write(Path file, JsonObject json) {
    String text = new GsonBuilder().serializeNulls().setPrettyPrinting().create().toJson(json);
    ChunkFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
