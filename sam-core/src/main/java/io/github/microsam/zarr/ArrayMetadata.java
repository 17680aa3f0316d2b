package io.github.microsam.zarr;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What an array's metadata say.
 *
 * @param format the version
 * @param shape elements along each axis
 * @param fileShape elements of a chunk's file along each axis: of a shard, if there are any
 * @param type of the elements
 * @param fill value of elements that are not stored
 * @param separator between the numbers of a chunk's name
 * @param prefixed whether chunks lie in a folder {@code c}
 * @param encoding how a file's bytes are made
 * @param sharding how shards are divided
 */
@SuppressWarnings("ArrayRecordComponent") // within this package, written to and compared by nobody
record ArrayMetadata(
    ZarrFormat format,
    long[] shape,
    int[] fileShape,
    ZarrType type,
    double fill,
    String separator,
    boolean prefixed,
    Encoding encoding,
    Optional<Sharding> sharding) {

  /**
   * How the elements of a chunk become bytes.
   *
   * @param axes the order in which axes are stored; the last one changes fastest
   * @param bytes order of an element's bytes
   * @param steps what is done with the bytes then, in this order
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Encoding(int[] axes, ByteOrder bytes, List<Compression> steps) {}

  /**
   * Chunks within a file.
   *
   * @param chunkShape elements along each axis
   * @param index how the index is stored
   * @param indexFirst whether it is at the file's start, else at its end
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Sharding(int[] chunkShape, Encoding index, boolean indexFirst) {}

  int axes() {
    return shape.length;
  }

  /** Elements along each axis of what is decoded at once. */
  int[] chunkShape() {
    return sharding.map(Sharding::chunkShape).orElse(fileShape);
  }

  static ArrayMetadata ofV2(JsonObject json) {
    long[] shape = longs(json.getAsJsonArray("shape"));
    String dtype = json.get("dtype").isJsonPrimitive() ? json.get("dtype").getAsString() : "struct";
    if (present(json, "filters") && !json.getAsJsonArray("filters").isEmpty()) {
      throw new ZarrException("chunks with filters " + json.get("filters") + ", expected none");
    }
    int[] axes = IntStream.range(0, shape.length).toArray();
    if (present(json, "order") && json.get("order").getAsString().equals("F")) {
      axes = IntStream.range(0, shape.length).map(i -> shape.length - 1 - i).toArray();
    }
    List<Compression> steps =
        present(json, "compressor")
            ? List.of(Compression.of(json.getAsJsonObject("compressor").get("id").getAsString()))
            : List.of();
    return new ArrayMetadata(
        ZarrFormat.V2,
        shape,
        ints(json.getAsJsonArray("chunks")),
        ZarrType.of(dtype.substring(1)),
        number(json.get("fill_value")),
        present(json, "dimension_separator") ? json.get("dimension_separator").getAsString() : ".",
        false,
        new Encoding(
            axes, dtype.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, steps),
        Optional.empty());
  }

  static ArrayMetadata ofV3(JsonObject json) {
    long[] shape = longs(json.getAsJsonArray("shape"));
    if (!json.get("data_type").isJsonPrimitive()) {
      throw new ZarrException("elements of type " + json.get("data_type"));
    }
    JsonObject keys = json.getAsJsonObject("chunk_key_encoding");
    boolean prefixed = !keys.get("name").getAsString().equals("v2");
    String separator = prefixed ? "/" : ".";
    if (present(keys, "configuration") && present(configuration(keys), "separator")) {
      separator = configuration(keys).get("separator").getAsString();
    }
    int[] chunks =
        ints(configuration(json.getAsJsonObject("chunk_grid")).getAsJsonArray("chunk_shape"));
    JsonArray codecs = json.getAsJsonArray("codecs");
    Optional<Sharding> sharding = Optional.empty();
    if (Compression.nameOf(codecs.get(0)).equals("sharding_indexed")) {
      JsonObject shards = configuration(codecs.get(0).getAsJsonObject());
      boolean first =
          present(shards, "index_location")
              && shards.get("index_location").getAsString().equals("start");
      sharding =
          Optional.of(
              new Sharding(
                  ints(shards.getAsJsonArray("chunk_shape")),
                  encoding(shards.getAsJsonArray("index_codecs"), shape.length + 1),
                  first));
      codecs = shards.getAsJsonArray("codecs");
    }
    return new ArrayMetadata(
        ZarrFormat.V3,
        shape,
        chunks,
        ZarrType.of(json.get("data_type").getAsString()),
        number(json.get("fill_value")),
        separator,
        prefixed,
        encoding(codecs, shape.length),
        sharding);
  }

  private static Encoding encoding(JsonArray codecs, int count) {
    int[] axes = IntStream.range(0, count).toArray();
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    List<Compression> steps = new ArrayList<>();
    for (JsonElement codec : codecs) {
      switch (Compression.nameOf(codec)) {
        case "transpose" ->
            axes = ints(configuration(codec.getAsJsonObject()).getAsJsonArray("order"));
        case "bytes" -> order = order(codec);
        default -> steps.add(Compression.of(Compression.nameOf(codec)));
      }
    }
    return new Encoding(axes, order, steps);
  }

  private static ByteOrder order(JsonElement bytes) {
    boolean big =
        bytes.isJsonObject()
            && present(bytes.getAsJsonObject(), "configuration")
            && present(configuration(bytes.getAsJsonObject()), "endian")
            && configuration(bytes.getAsJsonObject()).get("endian").getAsString().equals("big");
    return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  /** A new array's metadata: little-endian, zstd, 0 where nothing is stored. */
  static JsonObject create(ZarrFormat format, long[] shape, int[] chunks, ZarrType type) {
    JsonObject json = new JsonObject();
    JsonArray sizes = new JsonArray();
    Arrays.stream(shape).forEach(sizes::add);
    JsonArray chunkSizes = new JsonArray();
    Arrays.stream(chunks).forEach(chunkSizes::add);
    json.addProperty("zarr_format", format == ZarrFormat.V2 ? 2 : 3);
    json.add("shape", sizes);
    json.addProperty("fill_value", 0);
    if (format == ZarrFormat.V2) {
      json.add("chunks", chunkSizes);
      json.addProperty("dtype", (type.bytes() == 1 ? "|" : "<") + type.code());
      json.add("compressor", Compression.v2Default());
      json.add("filters", JsonNull.INSTANCE);
      json.addProperty("order", "C");
      json.addProperty("dimension_separator", "/"); // as OME-Zarr asks for
      return json;
    }
    json.addProperty("node_type", "array");
    json.addProperty("data_type", type.v3Name());
    json.add("chunk_grid", named("regular", "chunk_shape", chunkSizes));
    json.add("chunk_key_encoding", named("default", "separator", string("/")));
    JsonArray codecs = new JsonArray();
    codecs.add(named("bytes", "endian", string("little")));
    JsonObject zstd = named("zstd", "level", string(""));
    zstd.getAsJsonObject("configuration").addProperty("level", 3);
    zstd.getAsJsonObject("configuration").addProperty("checksum", false);
    codecs.add(zstd);
    json.add("codecs", codecs);
    json.add("attributes", new JsonObject());
    return json;
  }

  private static JsonElement string(String text) {
    return new JsonPrimitive(text);
  }

  private static JsonObject named(String name, String key, JsonElement value) {
    JsonObject configuration = new JsonObject();
    configuration.add(key, value);
    JsonObject out = new JsonObject();
    out.addProperty("name", name);
    out.add("configuration", configuration);
    return out;
  }

  private static JsonObject configuration(JsonObject named) {
    return named.getAsJsonObject("configuration");
  }

  private static boolean present(JsonObject json, String key) {
    return json.has(key) && !json.get(key).isJsonNull();
  }

  private static double number(JsonElement fill) {
    if (fill == null || fill.isJsonNull()) {
      return 0;
    }
    if (fill.getAsJsonPrimitive().isBoolean()) {
      return fill.getAsBoolean() ? 1 : 0;
    }
    return switch (fill.getAsString()) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> fill.getAsDouble();
    };
  }

  private static long[] longs(JsonArray array) {
    return array.asList().stream().mapToLong(JsonElement::getAsLong).toArray();
  }

  private static int[] ints(JsonArray array) {
    return array.asList().stream().mapToInt(JsonElement::getAsInt).toArray();
  }
}
