package io.github.microsam.weights;

import com.google.gson.stream.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The safetensors format (github.com/huggingface/safetensors, section Format): the length of a JSON
 * header, the header, the elements. The format allows no gaps between tensors, so the elements
 * start at a multiple of 64 bytes and wider types come first, which leaves every tensor aligned to
 * its element size. The header lists the tensors in the order given, and the metadata by key, so
 * that the same content gives the same bytes.
 */
final class SafetensorsEncoder {
  private static final int ALIGNMENT = 64;

  private SafetensorsEncoder() {}

  static void encode(
      List<Tensor> tensors, Map<String, String> metadata, FileChannel file, TensorSink sink)
      throws IOException {
    List<Tensor> byWidth =
        tensors.stream()
            .sorted(Comparator.comparingInt((Tensor t) -> t.dtype().byteSize()).reversed())
            .toList();
    Map<String, Long> offsets = new HashMap<>();
    long offset = 0;
    for (Tensor tensor : byWidth) {
      offsets.put(tensor.name(), offset);
      offset += tensor.byteSize();
    }
    TensorSink.writeAll(file, header(tensors, metadata, offsets));
    for (Tensor tensor : byWidth) {
      sink.accept(tensor, false);
    }
  }

  private static ByteBuffer header(
      List<Tensor> tensors, Map<String, String> metadata, Map<String, Long> offsets)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonWriter json = new JsonWriter(new OutputStreamWriter(bytes, StandardCharsets.UTF_8))) {
      json.beginObject();
      if (!metadata.isEmpty()) {
        json.name("__metadata__").beginObject();
        for (Map.Entry<String, String> e : new TreeMap<>(metadata).entrySet()) {
          json.name(e.getKey()).value(e.getValue());
        }
        json.endObject();
      }
      for (Tensor tensor : tensors) {
        json.name(tensor.name());
        describe(json, tensor, offsets.get(tensor.name()));
      }
      json.endObject();
    }
    int padding = -(8 + bytes.size()) & (ALIGNMENT - 1);
    ByteBuffer header =
        ByteBuffer.allocate(8 + bytes.size() + padding).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(bytes.size() + padding).put(bytes.toByteArray());
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static void describe(JsonWriter json, Tensor tensor, long start) throws IOException {
    json.beginObject().name("dtype").value(tensor.dtype().name());
    json.name("shape").beginArray();
    for (long size : tensor.shape()) {
      json.value(size);
    }
    json.endArray().name("data_offsets").beginArray();
    json.value(start).value(start + tensor.byteSize()).endArray().endObject();
  }
}
