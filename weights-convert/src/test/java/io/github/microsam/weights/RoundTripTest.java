package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tensors go from format to format and come back with the same names, shapes and bytes. */
class RoundTripTest {
  @TempDir Path folder;

  static Stream<String> files() {
    return GoldenCheckpointsTest.files();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyGoldenFileGoesThroughBothFormats(String file) {
    Path source = Fixtures.checkpoint(file);
    Path safetensors = folder.resolve("1.safetensors");
    Path torch = folder.resolve("2.pt");
    Conversion asIs = Conversion.defaults().withLayout(OutputLayout.AS_IS);
    asIs.convert(source, safetensors);
    asIs.convert(safetensors, torch);
    assertSame(source, safetensors);
    assertSame(source, torch);
  }

  private static void assertSame(Path expected, Path actual) {
    try (Checkpoint a = CheckpointReader.open(expected);
        Checkpoint b = CheckpointReader.open(actual)) {
      assertEquals(a.tensors().keySet(), b.tensors().keySet());
      a.tensors().forEach((name, tensor) -> assertSame(tensor, b.tensors().get(name)));
    }
  }

  private static void assertSame(Tensor a, Tensor b) {
    assertEquals(a.dtype(), b.dtype(), a::name);
    assertArrayEquals(a.shape(), b.shape(), a::name);
    assertEquals(a.read(), b.read(), a::name);
  }

  @ParameterizedTest
  @EnumSource
  void everyElementTypeGoesThroughBothFormats(DType dtype) {
    Random random = new Random(3);
    long[][] shapes = {{}, {0}, {2, 0, 3}, {3, 1, 5}};
    List<Tensor> tensors = new ArrayList<>();
    for (long[] shape : shapes) {
      int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      byte[] bytes = new byte[count * dtype.byteSize()];
      random.nextBytes(bytes);
      tensors.add(Tensor.of("t" + tensors.size(), dtype, shape, ByteBuffer.wrap(bytes)));
    }
    for (String name : List.of("x.pt", "x.safetensors")) {
      Path target = folder.resolve(name);
      CheckpointWriter.write(target, tensors, Map.of());
      try (Checkpoint read = CheckpointReader.open(target)) {
        assertEquals(tensors.size(), read.tensors().size());
        tensors.forEach(t -> assertSame(t, read.tensors().get(t.name())));
      }
    }
  }
}
