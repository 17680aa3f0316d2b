package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files beyond 2 and 4 GiB, made of holes so that they take no space. */
class BigFileTest {
  private static final long COUNT = 1_300_000_000L; // times 4 bytes is more than 2^32

  @TempDir private Path folder;

  @Test
  void aStridedViewOverMoreThanABufferIsRefused() throws IOException {
    byte[] pickle =
        TestPickle.oneTensor("FloatStorage", COUNT, 0, new long[] {2}, new long[] {COUNT - 1});
    TestZip zip = new TestZip().zip64().add("a/data.pkl", pickle).addHole("a/data/0", 4 * COUNT);
    Path file = zip.write(folder.resolve("wide.pt"));
    String message =
        assertThrows(CheckpointException.class, () -> CheckpointReader.open(file)).getMessage();
    assertTrue(message.contains("tensor t") && message.contains(".contiguous()"), message);
  }

  @Test
  void tensorsOfABigZipFileAreViewsOfIt() throws IOException {
    byte[] pickle =
        new TestPickle()
            .op('}', '(')
            .text("all")
            .tensor("FloatStorage", "0", COUNT, 0, new long[] {COUNT}, new long[] {1})
            .text("end")
            .tensor("FloatStorage", "0", COUNT, COUNT - 10, new long[] {2, 5}, new long[] {1, 2})
            .text("across windows")
            .tensor(
                "FloatStorage", "0", COUNT, 200_000_000, new long[] {450_000_000}, new long[] {1})
            .text("last")
            .tensor("FloatStorage", "1", 2, 0, new long[] {2}, new long[] {1})
            .op('u')
            .stop();
    ByteBuffer last = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    last.putFloat(1.25f).putFloat(-8f);
    TestZip zip =
        new TestZip()
            .zip64()
            .aligned(64)
            .add("vit_h/data.pkl", pickle)
            .addHole("vit_h/data/0", 4 * COUNT)
            .add("vit_h/data/1", last.array());
    try (Checkpoint checkpoint = CheckpointReader.open(zip.write(folder.resolve("big.pt")))) {
      assertArrayEquals(new float[] {1.25f, -8f}, checkpoint.tensors().get("last").toFloats());
      assertArrayEquals(new float[10], checkpoint.tensors().get("end").toFloats());
      Tensor across = checkpoint.tensors().get("across windows");
      ByteBuffer view = across.read();
      assertEquals(across.byteSize(), view.remaining());
      assertEquals(0, view.get(view.limit() - 1));
      Tensor all = checkpoint.tensors().get("all");
      assertEquals(4 * COUNT, all.byteSize());
      assertThrows(CheckpointException.class, all::read);
    }
  }

  @Test
  void theLastTensorOfABigSafetensorsFileIsRead() throws IOException {
    long first = 2_600_000_000L;
    String header =
        String.format(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}",
            first, first, first, first + 4);
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("big.safetensors");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer start = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
      out.write(start.putLong(json.length).put(json).flip(), 0);
      ByteBuffer end = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(7.5f).flip();
      out.write(end, start.capacity() + first);
    }
    try (Checkpoint checkpoint = CheckpointReader.open(file)) {
      assertArrayEquals(new float[] {7.5f}, checkpoint.tensors().get("b").toFloats());
      assertEquals(first, checkpoint.tensors().get("a").byteSize());
    }
  }
}
