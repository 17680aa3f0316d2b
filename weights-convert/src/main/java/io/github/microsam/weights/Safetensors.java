package io.github.microsam.weights;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.github.microsam.weights.pickle.HeapBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * safetensors: the length of the header, the header as JSON, the tensors in C order and
 * little-endian (https://huggingface.co/docs/safetensors).
 */
final class Safetensors {
  /** The limit of the format's own library. */
  static final long LARGEST_HEADER = 100_000_000;

  static final int LENGTH_SIZE = 8;

  /** Bytes on the heap, at worst, while a byte of the header becomes part of a single long text. */
  private static final long LONGEST_TEXT_GROWTH = 8;

  private record Located(String name, long begin, long end) {}

  private final ByteRegion file;
  private final HeapBudget budget;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Located> located = new ArrayList<>();
  private long dataStart;

  private Safetensors(ByteRegion file, HeapBudget budget) {
    this.file = file;
    this.budget = budget;
  }

  static Safetensors read(ByteRegion file, HeapBudget budget) {
    Safetensors safetensors = new Safetensors(file, budget);
    byte[] header = safetensors.header();
    safetensors.parse(header);
    safetensors.checkOverlaps();
    return safetensors;
  }

  Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  private byte[] header() {
    long length =
        ByteBuffer.wrap(file.read(0, LENGTH_SIZE)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > LARGEST_HEADER) {
      throw new CheckpointException(
          String.format(
              "its safetensors header declares %s bytes, more than the allowed %,d",
              Long.toUnsignedString(length), LARGEST_HEADER));
    }
    if (length > file.size() - LENGTH_SIZE) {
      throw new CheckpointException(
          String.format(
              "the file is truncated: its safetensors header declares %,d bytes and %,d follow;"
                  + " copy or download it again",
              length, file.size() - LENGTH_SIZE));
    }
    dataStart = LENGTH_SIZE + length;
    budget.charge(LONGEST_TEXT_GROWTH * length);
    return file.read(LENGTH_SIZE, (int) length);
  }

  private void parse(byte[] header) {
    try (JsonReader json =
        new JsonReader(
            new InputStreamReader(
                new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder()))) {
      json.setStrictness(Strictness.STRICT);
      json.beginObject();
      while (json.hasNext()) {
        String name = json.nextName();
        if (name.equals("__metadata__")) {
          parseMetadata(json);
        } else {
          parseTensor(name, json);
        }
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw new CheckpointException("its safetensors header is followed by more JSON");
      }
    } catch (IOException | IllegalStateException | NumberFormatException | JsonParseException e) {
      throw new CheckpointException(
          "its safetensors header is not the JSON it should be: " + e.getMessage(), e);
    }
  }

  private void parseMetadata(JsonReader json) throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      String key = json.nextName();
      expect(json, JsonToken.STRING, "__metadata__");
      String value = json.nextString();
      budget.charge(128 + 2L * (key.length() + value.length()));
      if (metadata.put(key, value) != null) {
        throw new CheckpointException("its metadata has the key " + key + " twice");
      }
    }
    json.endObject();
  }

  private void parseTensor(String name, JsonReader json) throws IOException {
    String dtype = null;
    long[] shape = null;
    long[] offsets = null;
    json.beginObject();
    while (json.hasNext()) {
      String field = json.nextName();
      switch (field) {
        case "dtype" -> {
          expect(json, JsonToken.STRING, name);
          dtype = json.nextString();
        }
        case "shape" -> shape = integers(name, json);
        case "data_offsets" -> offsets = integers(name, json);
        default -> json.skipValue();
      }
    }
    json.endObject();
    if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
      throw new CheckpointException(
          "tensor " + name + " lacks its dtype, its shape or its two offsets");
    }
    budget.charge(512 + 2L * name.length());
    Tensor tensor = tensor(name, dtype(name, dtype), shape, offsets[0], offsets[1]);
    if (tensors.put(name, tensor) != null) {
      throw new CheckpointException("two tensors are called " + name);
    }
  }

  private static void expect(JsonReader json, JsonToken token, String where) throws IOException {
    if (json.peek() != token) {
      throw new CheckpointException(
          String.format("%s: %s instead of %s at %s", where, json.peek(), token, json.getPath()));
    }
  }

  private static long[] integers(String name, JsonReader json) throws IOException {
    long[] out = new long[Shapes.MOST_AXES];
    int n = 0;
    json.beginArray();
    while (json.hasNext()) {
      expect(json, JsonToken.NUMBER, name);
      if (n == out.length) {
        throw new CheckpointException("tensor " + name + " has more than " + n + " axes");
      }
      out[n] = json.nextLong();
      if (out[n++] < 0) {
        throw new CheckpointException("tensor " + name + " has a negative shape or offset");
      }
    }
    json.endArray();
    return Arrays.copyOf(out, n);
  }

  private static DType dtype(String name, String dtype) {
    for (DType d : DType.values()) {
      if (d.name().equals(dtype)) {
        return d;
      }
    }
    throw new CheckpointException("tensor " + name + " has the unknown dtype " + dtype);
  }

  private Tensor tensor(String name, DType dtype, long[] shape, long begin, long end) {
    long byteSize;
    try {
      byteSize = Shapes.byteSize(dtype, shape);
    } catch (CheckpointException e) {
      throw new CheckpointException("tensor " + name + ": " + e.getMessage(), e);
    }
    if (end < begin || end - begin != byteSize) {
      throw new CheckpointException(
          String.format(
              "tensor %s needs %,d bytes, and its offsets are %d and %d",
              name, byteSize, begin, end));
    }
    if (end > file.size() - dataStart) {
      throw new CheckpointException(
          String.format(
              "the file is truncated, or tensor %s points outside: it ends at byte %,d of %,d",
              name, dataStart + end, file.size()));
    }
    located.add(new Located(name, begin, end));
    return new StoredTensor(
        name, dtype, shape, new ContiguousElements(file, dataStart + begin, byteSize));
  }

  private void checkOverlaps() {
    located.sort(Comparator.comparingLong(Located::begin).thenComparingLong(Located::end));
    for (int i = 1; i < located.size(); i++) {
      if (located.get(i).begin() < located.get(i - 1).end()) {
        throw new CheckpointException(
            "tensors " + located.get(i - 1).name() + " and " + located.get(i).name() + " overlap");
      }
    }
  }
}
