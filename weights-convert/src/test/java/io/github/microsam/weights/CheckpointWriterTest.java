package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.microsam.golden.FillTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointWriterTest {
  private static final Tensor A = new FillTensor("a", "a", 3, 5);
  private static final Tensor COUNTER =
      new FillTensor("n.num_batches_tracked", "n.num_batches_tracked");

  @TempDir Path folder;

  /** A tensor of float32 zeros that writes other numbers of bytes, or fails. */
  private record Odd(String name, long bytes, IOException failure) implements Tensor {
    @Override
    public DType dtype() {
      return DType.F32;
    }

    @Override
    public long[] shape() {
      return new long[] {100};
    }

    @Override
    public ByteBuffer read() {
      return ByteBuffer.allocate(400);
    }

    @Override
    public void writeTo(WritableByteChannel out) throws IOException {
      out.write(ByteBuffer.allocate((int) bytes));
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public float[] toFloats() {
      return new float[100];
    }

    @Override
    public Tensor renamed(String other) {
      return new Odd(other, bytes, failure);
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static CheckpointException refused(Path target, Tensor... tensors) {
    return assertThrows(
        CheckpointException.class,
        () -> CheckpointWriter.write(target, List.of(tensors), Map.of()));
  }

  @Test
  void recordsOfAZipAreAlignedAndTheirChecksumsRight() throws Exception {
    Path target = folder.resolve("model.pt");
    CheckpointWriter.write(target, List.of(COUNTER, A), Map.of());
    byte[] file = Files.readAllBytes(target);
    List<String> names = new ArrayList<>();
    // A reader of streams sees the local headers only, one of files the directory.
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(target));
        ZipFile directory = new ZipFile(target.toFile())) {
      for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
        byte[] content = zip.readAllBytes(); // checks the CRC
        names.add(entry.getName());
        assertArrayEquals(
            content, directory.getInputStream(directory.getEntry(entry.getName())).readAllBytes());
        if (content.length > 2) {
          assertEquals(0, indexOf(file, content) % 64, entry.getName());
        }
      }
    }
    assertEquals(
        List.of(
            "archive/data.pkl",
            "archive/byteorder",
            "archive/data/0",
            "archive/data/1",
            "archive/version"),
        names);
    assertEquals(List.of("model.pt"), files());
  }

  private static int indexOf(byte[] file, byte[] part) {
    for (int i = 0; i <= file.length - part.length; i++) {
      int n = 0;
      while (n < part.length && file[i + n] == part[n]) {
        n++;
      }
      if (n == part.length) {
        // Bytes that are all zero are found wherever padding is.
        boolean zero = part.length == 8;
        return zero ? 0 : i;
      }
    }
    throw new AssertionError("not found");
  }

  /** A tensor of more than 4 GiB: zeros, and a one at its end. */
  private record Large(String name) implements Tensor {
    static final long SIZE = (1L << 32) + 5;

    @Override
    public DType dtype() {
      return DType.U8;
    }

    @Override
    public long[] shape() {
      return new long[] {SIZE};
    }

    @Override
    public ByteBuffer read() {
      throw new CheckpointException("too large");
    }

    @Override
    public void writeTo(WritableByteChannel out) throws IOException {
      ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
      for (long left = SIZE - 1; left > 0; left -= zeros.capacity()) {
        out.write(zeros.clear().limit((int) Math.min(left, zeros.capacity())));
      }
      out.write(ByteBuffer.wrap(new byte[] {1}));
    }

    @Override
    public float[] toFloats() {
      throw new CheckpointException("too large");
    }

    @Override
    public Tensor renamed(String other) {
      return new Large(other);
    }
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"large.pt", "large.safetensors"})
  void sizesAndOffsetsBeyondFourGigabytesAreWritten(String name) throws Exception {
    Path target = folder.resolve(name);
    CheckpointWriter.write(target, List.of(new Large("large"), A), Map.of());
    try (Checkpoint checkpoint = CheckpointReader.open(target)) {
      assertEquals(Large.SIZE, checkpoint.tensors().get("large").byteSize());
      assertEquals(A.read(), checkpoint.tensors().get("a").read());
    }
    if (name.endsWith(".pt")) {
      try (ZipFile zip = new ZipFile(target.toFile())) {
        assertEquals(Large.SIZE, zip.getEntry("archive/data/0").getSize());
        ByteBuffer a =
            ByteBuffer.wrap(zip.getInputStream(zip.getEntry("archive/data/1")).readAllBytes());
        assertEquals(A.read(), a.order(ByteOrder.LITTLE_ENDIAN));
      }
    }
  }

  @Test
  void safetensorsAreAlignedWithoutGapsAndListedInOrder() throws Exception {
    Path target = folder.resolve("model.safetensors");
    CheckpointWriter.write(target, List.of(A, COUNTER), Map.of("format", "pt", "é\"", "\n"));
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(target)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) file.getLong(0);
    assertEquals(0, (8 + length) % 64);
    String text = new String(file.array(), 8, length, StandardCharsets.UTF_8);
    JsonObject header = JsonParser.parseString(text).getAsJsonObject();
    assertEquals(
        List.of("__metadata__", "a", "n.num_batches_tracked"), List.copyOf(header.keySet()));
    assertEquals("\n", header.getAsJsonObject("__metadata__").get("é\"").getAsString());
    assertEquals("[0,8]", header.getAsJsonObject("n.num_batches_tracked").get("data_offsets") + "");
    assertEquals(
        "{\"dtype\":\"F32\",\"shape\":[3,5],\"data_offsets\":[8,68]}", header.get("a").toString());
    assertEquals(8 + length + 68, file.capacity());
    assertEquals(A.read(), file.slice(8 + length + 8, 60).order(ByteOrder.LITTLE_ENDIAN));
  }

  @Test
  void equalTensorsGiveEqualFiles() throws Exception {
    for (String name : List.of("1.pt", "2.pt")) {
      CheckpointWriter.write(folder.resolve(name), List.of(A, COUNTER), Map.of());
    }
    assertEquals(-1, Files.mismatch(folder.resolve("1.pt"), folder.resolve("2.pt")));
  }

  @Test
  void aFailureLeavesTheOlderFileAndNothingElse() throws Exception {
    Path target = folder.resolve("model.pt");
    Files.writeString(target, "older");
    assertTrue(
        refused(target, A, new Odd("odd", 300, null))
            .getMessage()
            .contains("odd gave 300 bytes instead of the 400"));
    CheckpointException full =
        refused(target, A, new Odd("odd", 300, new IOException("No space left on device")));
    assertTrue(full.getMessage().contains("the disk is full"), full.getMessage());
    assertEquals("older", Files.readString(target));
    assertEquals(List.of("model.pt"), files());
  }

  @Test
  void anInterruptLeavesNothing() throws Exception {
    Path target = folder.resolve("model.safetensors");
    Thread.currentThread().interrupt();
    CheckpointException e = refused(target, A);
    assertTrue(Thread.interrupted());
    assertTrue(e.getMessage().contains("interrupted"), e.getMessage());
    assertEquals(List.of(), files());
  }

  @Test
  void theFileAppearsOnlyWhenItIsWhole() {
    Path target = folder.resolve("model.pt");
    List<Long> seen = new ArrayList<>();
    CheckpointWriter.write(
        target,
        OutputFormat.PYTORCH,
        List.of(A, COUNTER),
        Map.of(),
        (done, total) -> {
          assertEquals(68, total);
          assertFalse(Files.exists(target));
          seen.add(done);
        });
    assertEquals(List.of(60L, 68L), seen);
  }

  @Test
  void impossibleTargetsAreExplained() throws Exception {
    assertTrue(
        refused(Files.createDirectory(folder.resolve("d.pt")), A)
            .getMessage()
            .contains("is a folder"));
    assertTrue(refused(folder.resolve("no/model.pt"), A).getMessage().contains("create it first"));
    Files.writeString(folder.resolve("file"), "");
    assertTrue(
        refused(folder.resolve("file/model.pt"), A).getMessage().contains("is not a folder"));
    assertTrue(
        refused(folder.resolve("model.bin"), A).getMessage().contains(".safetensors, .pt or .pth"));
  }

  @Test
  void linksAreFollowedUnlessTheyLeadNowhere() throws Exception {
    Path file = folder.resolve("file.pt");
    Files.writeString(file, "older");
    Path link = Files.createSymbolicLink(folder.resolve("link.pt"), file);
    CheckpointWriter.write(link, List.of(A), Map.of());
    assertTrue(Files.isSymbolicLink(link));
    assertTrue(Files.size(file) > 60);
    Path one = folder.resolve("one.pt");
    Path two = Files.createSymbolicLink(folder.resolve("two.pt"), one);
    Files.createSymbolicLink(one, two);
    assertTrue(refused(one, A).getMessage().contains("in circles"));
  }

  @Test
  void readOnlyTargetsAreRefused() throws Exception {
    Path file = folder.resolve("model.pt");
    Files.writeString(file, "older");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    Assumptions.assumeFalse(Files.isWritable(file), "the superuser may write everything");
    assertTrue(refused(file, A).getMessage().contains("read-only"));
    Path readOnly = Files.createDirectory(folder.resolve("d"));
    Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("r-xr-xr-x"));
    assertTrue(refused(readOnly.resolve("model.pt"), A).getMessage().contains("read-only"));
  }

  @Test
  void namesThatContradictEachOtherAreRefused() {
    Path target = folder.resolve("model.pt");
    assertTrue(refused(target, A, A).getMessage().contains("Two tensors"));
    assertTrue(refused(target, A, A.renamed("a/b")).getMessage().contains("cannot hold a/b"));
    assertTrue(refused(target, A.renamed("a/b"), A).getMessage().contains("at once"));
  }
}
