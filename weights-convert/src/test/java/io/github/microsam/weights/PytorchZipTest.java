package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PytorchZipTest {
  private static final float[] VALUES = {1.5f, -2f, 3f, 4f, 5f, 6f};

  @TempDir private Path folder;

  private static byte[] floats(ByteOrder order, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(order);
    for (float v : values) {
      bytes.putFloat(v);
    }
    return bytes.array();
  }

  private static byte[] twoByThree() {
    return TestPickle.oneTensor("FloatStorage", 6, 0, new long[] {2, 3}, new long[] {3, 1});
  }

  private static byte[] transposed() {
    return TestPickle.oneTensor("FloatStorage", 6, 0, new long[] {3, 2}, new long[] {1, 3});
  }

  private Checkpoint open(byte[] file) throws IOException {
    return CheckpointReader.open(Files.write(folder.resolve("x.pt"), file));
  }

  private static final byte[] LITTLE = floats(ByteOrder.LITTLE_ENDIAN, VALUES);

  static Stream<Arguments> archives() {
    return Stream.of(
        archive("plain", TestZip.torch(twoByThree(), LITTLE)),
        archive("aligned", fill(new TestZip().aligned(64), "archive/")),
        archive("zip64", fill(new TestZip().zip64(), "archive/")),
        archive("descriptors", fill(new TestZip().descriptors(), "archive/")),
        archive("comment", fill(new TestZip().comment("made by hand"), "archive/")),
        archive("other root", fill(new TestZip(), "модель 1.best/")),
        archive("no root", fill(new TestZip(), "")),
        archive(
            "deflated pickle",
            new TestZip().addDeflated("a/data.pkl", twoByThree()).add("a/data/0", LITTLE)),
        archive(
            "little-endian record",
            TestZip.torch(twoByThree(), LITTLE)
                .add("archive/byteorder", new byte[] {'l', 'i', 't', 't', 'l', 'e'})),
        archive(
            "big-endian",
            TestZip.torch(twoByThree(), floats(ByteOrder.BIG_ENDIAN, VALUES))
                .add("archive/byteorder", new byte[] {'b', 'i', 'g'})));
  }

  private static Arguments archive(String name, TestZip zip) {
    return Arguments.of(name, zip.bytes());
  }

  private static TestZip fill(TestZip zip, String root) {
    return zip.add(root + "data.pkl", twoByThree())
        .add(root + "data/0", LITTLE)
        .add(root + "version", new byte[] {'3', '\n'});
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("archives")
  void everyWayToWriteTheArchiveIsRead(String name, byte[] file) throws IOException {
    try (Checkpoint checkpoint = open(file)) {
      assertEquals(Checkpoint.Format.PYTORCH_ZIP, checkpoint.format());
      Tensor tensor = checkpoint.tensors().get("t");
      assertArrayEquals(new long[] {2, 3}, tensor.shape());
      assertArrayEquals(VALUES, tensor.toFloats());
      assertEquals(ByteBuffer.wrap(LITTLE), tensor.read());
    }
  }

  @Test
  void contiguousTensorsAreViewsOfTheFileAndOthersAreCopies() throws IOException {
    try (Checkpoint checkpoint = open(TestZip.torch(twoByThree(), LITTLE).bytes())) {
      assertTrue(checkpoint.tensors().get("t").read().isDirect());
    }
    Files.delete(folder.resolve("x.pt"));
    try (Checkpoint checkpoint = open(TestZip.torch(transposed(), LITTLE).bytes())) {
      Tensor tensor = checkpoint.tensors().get("t");
      assertFalse(tensor.read().isDirect());
      assertArrayEquals(new float[] {1.5f, 4, -2, 5, 3, 6}, tensor.toFloats());
    }
  }

  /** Shapes and strides against the definition: element i is at the sum of index times stride. */
  @Test
  void stridedTensorsAreGatheredInAnyNumberOfAxes() throws IOException {
    long[][] shapes = {{5, 4, 3, 2}, {7, 1, 9}, {2, 2, 2, 2, 2, 2}, {300, 300}, {1, 1}, {3, 0, 2}};
    long[][] strides = {
      {3, 50, 0, 11}, {2, 999, 13}, {1, 2, 4, 8, 16, 32}, {1, 300}, {77, 77}, {1, 1, 1}
    };
    byte[] storage = new byte[90_001 * 2];
    for (int i = 0; i < storage.length; i++) {
      storage[i] = (byte) (i * 31 + i / 256);
    }
    for (int i = 0; i < shapes.length; i++) {
      byte[] pickle = TestPickle.oneTensor("ShortStorage", 90_001, 1, shapes[i], strides[i]);
      try (Checkpoint checkpoint = open(TestZip.torch(pickle, storage).bytes())) {
        Tensor tensor = checkpoint.tensors().get("t");
        ByteBuffer expected = gather(storage, shapes[i], strides[i]);
        assertEquals(expected, tensor.read(), "case " + i);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        tensor.writeTo(Channels.newChannel(written));
        assertEquals(expected, ByteBuffer.wrap(written.toByteArray()), "case " + i);
      }
    }
  }

  private static ByteBuffer gather(byte[] storage, long[] shape, long[] strides) {
    List<Long> places = new ArrayList<>(List.of(1L));
    for (int axis = 0; axis < shape.length; axis++) {
      List<Long> next = new ArrayList<>();
      for (long place : places) {
        for (int i = 0; i < shape[axis]; i++) {
          next.add(place + i * strides[axis]);
        }
      }
      places = next;
    }
    ByteBuffer out = ByteBuffer.allocate(2 * places.size());
    places.forEach(p -> out.put(storage, (int) (2 * p), 2));
    return out.flip();
  }

  @Test
  void everyWayToPickleATensorIsRead() throws IOException {
    byte[] pickle =
        new TestPickle()
            .op('}', '(')
            .text("v1")
            .global("torch._utils", "_rebuild_tensor")
            .op('(')
            .storage("FloatStorage", "0", 6)
            .integer(1)
            .tuple(2)
            .tuple(1)
            .op('t', 'R')
            .text("v3")
            .global("torch._utils", "_rebuild_tensor_v3")
            .op('(')
            .storage("UntypedStorage", "0", 24)
            .integer(2)
            .tuple(2)
            .tuple(1)
            .op(0x89, 'N')
            .global("torch", "uint32")
            .op('}', 't', 'R')
            .text("with state")
            .global("torch._utils", "_rebuild_parameter_with_state")
            .op('(')
            .tensor("FloatStorage", "0", 6, 0, new long[] {1}, new long[] {1})
            .op(0x88, 'N', '}', 't', 'R')
            .text("with attributes")
            .global("torch._tensor", "_rebuild_from_type_v2")
            .op('(')
            .global("torch._utils", "_rebuild_tensor_v2")
            .global("torch", "Tensor")
            .op('(')
            .storage("FloatStorage", "0", 6)
            .integer(5)
            .tuple(1)
            .tuple(1)
            .op(0x89, 'N', 't', '}', 't', 'R')
            .text("complex")
            .tensor("ComplexFloatStorage", "0", 3, 0, new long[] {1}, new long[] {1})
            .op('u')
            .stop();
    try (Checkpoint checkpoint = open(TestZip.torch(pickle, LITTLE).bytes())) {
      Map<String, Tensor> tensors = checkpoint.tensors();
      assertEquals(Set.of("v1", "v3", "with state", "with attributes"), tensors.keySet());
      assertArrayEquals(new float[] {-2, 3}, tensors.get("v1").toFloats());
      assertEquals(DType.U32, tensors.get("v3").dtype());
      assertEquals(Float.floatToIntBits(3f), tensors.get("v3").read().getInt());
      assertArrayEquals(new float[] {1.5f}, tensors.get("with state").toFloats());
      assertArrayEquals(new float[] {6}, tensors.get("with attributes").toFloats());
      Map<?, ?> root = assertInstanceOf(Map.class, checkpoint.root());
      assertEquals(new OpaqueObject("torch.Tensor"), root.get("complex"));
    }
  }

  @Test
  void objectsThatContainThemselvesAreCutThere() throws IOException {
    byte[] pickle =
        new TestPickle()
            .op('}', 'q', 0)
            .text("list")
            .op(']', 'q', 1, 'h', 0, 'a', 'h', 1, 'a')
            .tensor("FloatStorage", "0", 6, 0, new long[] {1}, new long[] {1})
            .op('a', 's')
            .stop();
    try (Checkpoint checkpoint = open(TestZip.torch(pickle, LITTLE).bytes())) {
      assertEquals(Set.of("list/2"), checkpoint.tensors().keySet());
      List<?> list =
          assertInstanceOf(List.class, assertInstanceOf(Map.class, checkpoint.root()).get("list"));
      assertInstanceOf(OpaqueObject.class, list.get(0));
      assertInstanceOf(OpaqueObject.class, list.get(1));
    }
  }

  @Test
  void classesOfAFileAreNotLoaded() throws IOException {
    byte[] pickle =
        new TestPickle()
            .global("os", "system")
            .text("echo")
            .op(0x85, 'R')
            .global(PytorchZipTest.class.getPackageName(), "Trap")
            .op(')', 0x81, '0')
            .stop();
    try (Checkpoint checkpoint = open(TestZip.torch(pickle, LITTLE).bytes())) {
      assertEquals(new OpaqueObject("os.system"), checkpoint.root());
    }
  }

  @Test
  void aClosedCheckpointSaysSo() throws IOException {
    Tensor tensor;
    try (Checkpoint checkpoint = open(TestZip.torch(twoByThree(), LITTLE).bytes())) {
      tensor = checkpoint.tensors().get("t");
    }
    Supplier<Object> read = tensor::read;
    String message = assertThrows(CheckpointException.class, read::get).getMessage();
    assertTrue(message.contains("closed"), message);
    assertThrows(CheckpointException.class, tensor::toFloats);
  }

  @Test
  void aFileTruncatedWhileOpenSaysSo() throws IOException {
    try (Checkpoint checkpoint = open(TestZip.torch(twoByThree(), LITTLE).bytes());
        RandomAccessFile file = new RandomAccessFile(folder.resolve("x.pt").toFile(), "rw")) {
      file.setLength(10);
      Tensor tensor = checkpoint.tensors().get("t");
      for (Supplier<Object> read : List.<Supplier<Object>>of(tensor::read, tensor::toFloats)) {
        String message = assertThrows(CheckpointException.class, read::get).getMessage();
        assertTrue(message.contains("truncated while open"), message);
      }
    }
  }

  /** Pages that vanish between two chunks are a fault of the processor, which Linux reports. */
  @Test
  void aFileTruncatedWhileReadSaysSo() throws IOException {
    Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"));
    int side = 1024;
    byte[] pickle =
        TestPickle.oneTensor(
            "FloatStorage", (long) side * side, 0, new long[] {side, side}, new long[] {1, side});
    byte[] file = TestZip.torch(pickle, new byte[4 * side * side]).bytes();
    try (Checkpoint checkpoint = open(file);
        RandomAccessFile truncated = new RandomAccessFile(folder.resolve("x.pt").toFile(), "rw")) {
      OutputStream out =
          new OutputStream() {
            @Override
            public void write(int b) throws IOException {
              truncated.setLength(5000);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
              truncated.setLength(5000);
            }
          };
      Tensor tensor = checkpoint.tensors().get("t");
      String message =
          assertThrows(CheckpointException.class, () -> tensor.writeTo(Channels.newChannel(out)))
              .getMessage();
      assertTrue(message.contains("truncated"), message);
    }
  }

  @Test
  void interruptedThreadsDoNotCloseTheFileForOthers() throws Exception {
    try (Checkpoint checkpoint = open(TestZip.torch(transposed(), LITTLE).bytes())) {
      Tensor tensor = checkpoint.tensors().get("t");
      Thread thread =
          new Thread(
              () -> {
                Thread.currentThread().interrupt();
                tensor.toFloats();
              });
      thread.start();
      thread.join();
      assertEquals(6, tensor.toFloats().length);
    }
  }
}
