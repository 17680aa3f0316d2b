package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Safetensors files that are read from memory. */
class InMemoryTest {
  private static final Path NAME = Path.of("boxed");

  @TempDir Path folder;

  private byte[] written(Map<String, String> metadata) throws Exception {
    ByteBuffer elements = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    elements.asFloatBuffer().put(new float[] {1, 2, 3, 4, 5, 6});
    Path file = folder.resolve("f.safetensors");
    CheckpointWriter.write(
        file, List.of(Tensor.of("w", DType.F32, new long[] {2, 3}, elements)), metadata);
    return Files.readAllBytes(file);
  }

  @Test
  void theContentIsThatOfTheFile() throws Exception {
    byte[] bytes = written(Map.of("k", "v"));
    ByteBuffer within = ByteBuffer.allocate(bytes.length + 5).position(5).put(bytes).position(5);
    Tensor tensor;
    try (Checkpoint checkpoint = CheckpointReader.read(NAME, within)) {
      assertEquals(NAME, checkpoint.path());
      assertEquals(Map.of("k", "v"), checkpoint.metadata());
      tensor = checkpoint.tensors().get("w");
    }
    // Memory outlives closing.
    assertArrayEquals(new long[] {2, 3}, tensor.shape());
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, tensor.toFloats());
  }

  @Test
  void theSameContentGivesTheSameBytesWhateverTheOrderOfTheMetadata() throws Exception {
    String header =
        new String(written(Map.of("b", "1", "c", "2", "a", "3")), StandardCharsets.UTF_8);
    assertTrue(header.contains("{\"a\":\"3\",\"b\":\"1\",\"c\":\"2\"}"), header);
  }

  @Test
  void whatIsNoneIsSaidByName() throws Exception {
    byte[] bytes = written(Map.of());
    for (byte[] bad :
        new byte[][] {{}, {1, 2, 3}, "PK\3\4PK\3\4PK".getBytes(StandardCharsets.ISO_8859_1)}) {
      String message = failure(ByteBuffer.wrap(bad));
      assertTrue(message.startsWith("boxed: it is no safetensors file"), message);
    }
    String message = failure(ByteBuffer.wrap(bytes, 0, bytes.length - 1));
    assertTrue(message.contains("truncated"), message);
  }

  private static String failure(ByteBuffer bytes) {
    return assertThrows(CheckpointException.class, () -> CheckpointReader.read(NAME, bytes))
        .getMessage();
  }
}
