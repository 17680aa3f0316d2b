package io.github.microsam.golden;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.microsam.weights.DType;
import io.github.microsam.weights.Tensor;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A tensor whose elements are those that {@link Fill} gives its key, computed when they are read.
 */
public final class FillTensor implements Tensor {
  private static final int CHUNK = 1 << 16;

  private final String name;
  private final String key;
  private final long[] shape;

  /** A tensor of a name in the checkpoint, with the elements that belong to a key. */
  public FillTensor(String name, String key, long... shape) {
    this.name = name;
    this.key = key;
    this.shape = shape;
  }

  /** The tensors of a model of {@code fill_check}, for instance {@code vit_b}, by key. */
  public static Map<String, Tensor> model(String model) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (InputStreamReader in =
        new InputStreamReader(Golden.open("fill_check", model + ".json"), StandardCharsets.UTF_8)) {
      JsonObject json = JsonParser.parseReader(in).getAsJsonObject();
      for (Map.Entry<String, JsonElement> e : json.entrySet()) {
        long[] shape =
            e.getValue().getAsJsonObject().getAsJsonArray("shape").asList().stream()
                .mapToLong(JsonElement::getAsLong)
                .toArray();
        tensors.put(e.getKey(), new FillTensor(e.getKey(), e.getKey(), shape));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tensors;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public DType dtype() {
    return Fill.isCounter(key) ? DType.I64 : DType.F32;
  }

  @Override
  public ByteBuffer read() {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(byteSize()));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    if (dtype() == DType.F32) {
      bytes.asFloatBuffer().put(toFloats());
    }
    return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void writeTo(WritableByteChannel out) throws IOException {
    if (dtype() == DType.I64) {
      out.write(read());
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocateDirect(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (long start = 0; start < elementCount(); start += CHUNK) {
      float[] values = new float[(int) Math.min(CHUNK, elementCount() - start)];
      Fill.fill(key, shape, start, values);
      bytes.clear().limit(4 * values.length);
      bytes.asFloatBuffer().put(values);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  @Override
  public float[] toFloats() {
    return dtype() == DType.F32
        ? Fill.weights(key, shape)
        : new float[Math.toIntExact(elementCount())];
  }

  @Override
  public Tensor renamed(String newName) {
    return new FillTensor(newName, key, shape);
  }
}
