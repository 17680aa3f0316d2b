package io.github.microsam.embedding;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What embeddings depend on, as micro-sam writes it to a cache's attributes (reference §5.1). Its
 * {@code model_hash} is that of a file, whatever of it embeddings depend on; the fingerprint of the
 * image encoder and the side of its input, of this library, are kept beside it.
 */
record CacheKey(String dataSignature, CacheModel model, Optional<CacheOptions.TileSize> tiles) {

  /** The version of micro-sam whose layout this is. */
  private static final String LAYOUT = "1.8.10";

  static final String TILE_SHAPE = "tile_shape";
  static final String HALO = "halo";
  static final String FINGERPRINT = "microsam_encoder_fingerprint";
  static final String IMAGE_SIZE = "microsam_image_size";
  private static final String HASH_PREFIX = "xxh128:";

  void addTo(JsonObject attributes) {
    attributes.addProperty("data_signature", dataSignature);
    attributes.add(TILE_SHAPE, tileShape());
    attributes.add(HALO, halo());
    attributes.addProperty("model_type", model.type());
    attributes.addProperty("model_name", model.name());
    attributes.addProperty("micro_sam_version", LAYOUT);
    model.fileHash().ifPresent(h -> attributes.addProperty("model_hash", HASH_PREFIX + h));
    attributes.addProperty(FINGERPRINT, model.fingerprint());
    attributes.addProperty(IMAGE_SIZE, model.imageSize());
  }

  JsonElement tileShape() {
    return tiles.<JsonElement>map(t -> pair(t.height(), t.width())).orElse(JsonNull.INSTANCE);
  }

  JsonElement halo() {
    return tiles.<JsonElement>map(t -> pair(t.haloY(), t.haloX())).orElse(JsonNull.INSTANCE);
  }

  /** The tiles that a cache tells of. */
  static Optional<CacheOptions.TileSize> tiles(JsonObject attributes) {
    JsonElement shape = attributes.get(TILE_SHAPE);
    if (shape == null || shape.isJsonNull()) {
      return Optional.empty();
    }
    long[] tile = EmbeddingCache.pair(attributes, TILE_SHAPE);
    long[] halo = EmbeddingCache.pair(attributes, HALO);
    return Optional.of(
        new CacheOptions.TileSize((int) tile[1], (int) tile[0], (int) halo[1], (int) halo[0]));
  }

  /** (y, x), as Python has sizes. */
  static JsonArray pair(long y, long x) {
    JsonArray pair = new JsonArray();
    pair.add(y);
    pair.add(x);
    return pair;
  }

  /** The side of the encoder's input; the model's own where a cache tells of none. */
  static int imageSize(JsonObject attributes, CacheModel model) {
    JsonElement told = attributes.get(IMAGE_SIZE);
    return told == null ? model.imageSize() : told.getAsInt();
  }

  /** Checks a cache of the same data, tiles, model and input. */
  void check(Path cache, JsonObject attributes) {
    Map<String, JsonElement> expected = new LinkedHashMap<>();
    expected.put("data_signature", new JsonPrimitive(dataSignature));
    expected.put(TILE_SHAPE, tileShape());
    expected.put(HALO, halo());
    expected.forEach((key, value) -> check(cache, attributes, key, value));
    checkModel(cache, attributes, model);
    check(cache, attributes, IMAGE_SIZE, new JsonPrimitive(model.imageSize()));
  }

  /** Checks that a cache is of a model; what it does not tell is not checked. */
  static void checkModel(Path cache, JsonObject attributes, CacheModel model) {
    check(cache, attributes, "model_type", new JsonPrimitive(model.type()));
    if (attributes.has(FINGERPRINT)) {
      check(cache, attributes, FINGERPRINT, new JsonPrimitive(model.fingerprint()));
      return;
    }
    if (!model.name().equals(model.type())) {
      check(cache, attributes, "model_name", new JsonPrimitive(model.name()));
    }
    model
        .fileHash()
        .ifPresent(
            hash -> check(cache, attributes, "model_hash", new JsonPrimitive(HASH_PREFIX + hash)));
  }

  /** Checks an attribute, if it is there. */
  static void check(Path cache, JsonObject attributes, String key, JsonElement expected) {
    JsonElement found = attributes.get(key);
    if (found != null && !found.equals(expected)) {
      throw new CacheException(
          "%s holds other embeddings: its %s is %s, expected %s. Give another cache or delete this."
              .formatted(cache, key, found, expected));
    }
  }
}
