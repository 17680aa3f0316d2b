package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.microsam.golden.Golden;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenCheckpointsTest {

  static Stream<String> files() {
    return manifest().stream().map(f -> f.get("file").getAsString());
  }

  private static List<JsonObject> manifest() {
    return Golden.open("checkpoints").manifest().getAsJsonArray("files").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  private static JsonObject entry(String file) {
    return manifest().stream()
        .filter(f -> f.get("file").getAsString().equals(file))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyTensorHasNameTypeShapeAndBytesOfTheManifest(String file) throws Exception {
    JsonObject expected = entry(file).getAsJsonObject("tensors");
    try (Checkpoint checkpoint = CheckpointReader.open(Fixtures.checkpoint(file))) {
      assertEquals(expected.keySet(), checkpoint.tensors().keySet());
      if (checkpoint.format() != Checkpoint.Format.SAFETENSORS) {
        // The manifest has the order of the model, and safetensors are sorted by type and name.
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(checkpoint.tensors().keySet()));
      }
      for (Map.Entry<String, JsonElement> e : expected.entrySet()) {
        Tensor tensor = checkpoint.tensors().get(e.getKey());
        assertEquals(e.getKey(), tensor.name());
        assertMatches(e.getValue().getAsJsonObject(), tensor);
      }
    }
  }

  private static void assertMatches(JsonObject expected, Tensor tensor) throws Exception {
    String name = tensor.name();
    long[] shape =
        expected.getAsJsonArray("shape").asList().stream()
            .mapToLong(JsonElement::getAsLong)
            .toArray();
    assertArrayEquals(shape, tensor.shape(), name);
    assertEquals(expected.get("dtype").getAsString(), torchName(tensor.dtype()), name);
    String raw = expected.get("sha256_raw").getAsString();
    ByteBuffer read = tensor.read();
    assertTrue(read.isReadOnly(), name);
    assertEquals(ByteOrder.LITTLE_ENDIAN, read.order(), name);
    assertEquals(raw, sha256(read), name + " read");
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    tensor.writeTo(Channels.newChannel(written));
    assertEquals(raw, sha256(ByteBuffer.wrap(written.toByteArray())), name + " written");
    float[] floats = tensor.toFloats();
    ByteBuffer asFloats = ByteBuffer.allocate(4 * floats.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float f : floats) {
      asFloats.putInt(Float.floatToRawIntBits(f));
    }
    if (expected.has("sha256_as_f32")) {
      assertEquals(
          expected.get("sha256_as_f32").getAsString(), sha256(asFloats.flip()), name + " as f32");
    } else if (tensor.dtype() == DType.F32) {
      assertEquals(raw, sha256(asFloats.flip()), name + " as f32");
    }
  }

  static String torchName(DType dtype) {
    return switch (dtype) {
      case BOOL -> "bool";
      case U8 -> "uint8";
      case BF16 -> "bfloat16";
      default -> {
        String name = dtype.toString();
        String kind = name.charAt(0) == 'f' ? "float" : name.charAt(0) == 'i' ? "int" : "uint";
        yield kind + name.substring(1);
      }
    };
  }

  private static String sha256(ByteBuffer bytes) throws Exception {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update(bytes);
    return HexFormat.of().formatHex(sha.digest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"odd_zip.pth", "odd_proto4.pth", "odd_legacy.pth"})
  void pythonObjectsBecomePlainValues(String file) {
    try (Checkpoint checkpoint = CheckpointReader.open(Fixtures.checkpoint(file))) {
      Map<?, ?> root = assertInstanceOf(Map.class, checkpoint.root());
      Map<?, ?> nested = assertInstanceOf(Map.class, root.get("nested"));
      assertEquals(List.of(1L, 2L, 3L, 4L), nested.get("tuple4"));
      assertEquals("int key", nested.get(5L));
      Map<?, ?> meta = assertInstanceOf(Map.class, root.get("meta"));
      assertTrue(meta.containsKey("none") && meta.get("none") == null);
      assertEquals(true, meta.get("true"));
      assertEquals(false, meta.get("false"));
      assertEquals(255L, meta.get("i255"));
      assertEquals(65536L, meta.get("i65536"));
      assertEquals(-5L, meta.get("neg"));
      assertEquals(-70000L, meta.get("neg_big"));
      assertEquals(1L << 40, meta.get("big"));
      assertEquals(BigInteger.TWO.pow(100), meta.get("huge"));
      assertEquals(BigInteger.TWO.pow(70).negate(), meta.get("negbig"));
      assertEquals(0.1, meta.get("f"));
      assertEquals(Double.POSITIVE_INFINITY, meta.get("inf"));
      assertEquals("äää", meta.get("s"));
      assertEquals("x".repeat(300), meta.get("long_s"));
      assertEquals(ByteBuffer.wrap(new byte[] {0, 1}), meta.get("b"));
      assertEquals(512, assertInstanceOf(ByteBuffer.class, meta.get("long_b")).remaining());
      assertEquals(List.of(1L), meta.get("st"));
      assertEquals(List.of(2L), meta.get("fs"));
      assertEquals(Map.of("k", List.of(1L)), meta.get("dd"));
      assertEquals(List.of(1L, 2L), meta.get("size"));
      assertEquals("cpu", meta.get("dev"));
      assertEquals(new OpaqueObject("torch.float16"), meta.get("dtype"));
      assertEquals(new OpaqueObject("builtins.complex"), meta.get("cplx"));
      assertEquals(new OpaqueObject("__main__.Custom._make"), meta.get("custom"));
      assertEquals(new OpaqueObject("posixpath.join"), meta.get("fn"));
      assertEquals(new OpaqueObject("collections.OrderedDict"), meta.get("cls"));
      assertEquals(List.of(), meta.get("empty_t"));
      assertEquals(List.of(), meta.get("empty_l"));
      assertEquals(Map.of(), meta.get("empty_d"));
      assertEquals(new OpaqueObject("builtins.slice"), meta.get("nt"));
      assertEquals(ByteBuffer.wrap("abc".getBytes(StandardCharsets.US_ASCII)), meta.get("ba"));
      assertEquals(new OpaqueObject("datetime.timedelta"), meta.get("dt"));
    }
  }

  @Test
  void numpyArraysAndScalarsOfATrainingCheckpointAreRead() {
    try (Checkpoint checkpoint =
        CheckpointReader.open(Fixtures.checkpoint("small_joint_training.pt"))) {
      Map<?, ?> root = assertInstanceOf(Map.class, checkpoint.root());
      Map<?, ?> extra = assertInstanceOf(Map.class, root.get("extra"));
      assertEquals(0.125, extra.get("np_scalar"));
      assertEquals(new OpaqueObject("pathlib.PurePosixPath"), extra.get("path"));
      List<?> state =
          assertInstanceOf(List.class, assertInstanceOf(Map.class, root.get("rng")).get("numpy"));
      assertEquals("MT19937", state.get(0));
      Tensor key = assertInstanceOf(Tensor.class, state.get(1));
      assertEquals(DType.U32, key.dtype());
      assertArrayEquals(new long[] {624}, key.shape());
      assertEquals(1, key.read().getInt());
    }
  }

  @Test
  void metadataOfSafetensorsIsRead() {
    try (Checkpoint checkpoint =
        CheckpointReader.open(Fixtures.checkpoint("small_plain.safetensors"))) {
      assertEquals(Checkpoint.Format.SAFETENSORS, checkpoint.format());
      assertEquals(Map.of("format", "pt"), checkpoint.metadata());
    }
  }
}
