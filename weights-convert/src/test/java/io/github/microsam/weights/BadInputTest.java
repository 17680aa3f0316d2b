package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong with a file is said in the message. */
class BadInputTest {
  private static final long[] ONE = {1};

  @TempDir private Path folder;

  private static void assertRefused(Path path, String... words) {
    String message =
        assertThrows(CheckpointException.class, () -> CheckpointReader.open(path)).getMessage();
    assertTrue(message.startsWith(path + ": "), message);
    for (String word : words) {
      assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
    }
  }

  private void assertRefused(byte[] file, String... words) throws IOException {
    assertRefused(Files.write(folder.resolve("bad"), file), words);
  }

  // The file itself.

  @Test
  void missingFilesAndDirectories() {
    assertRefused(folder.resolve("nothing.pt"), "there is no such file");
    assertRefused(folder, "it is a directory");
  }

  @Test
  void linksToNothingAndInCircles() throws IOException {
    Path dangling = folder.resolve("dangling");
    Path circle = folder.resolve("circle");
    try {
      Files.createSymbolicLink(dangling, folder.resolve("nothing"));
      Files.createSymbolicLink(circle, circle);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Assumptions.abort("no symbolic links here: " + e);
    }
    assertRefused(dangling, "a link to a file that does not exist");
    assertRefused(circle, "it cannot be read", "symbolic links");
  }

  @Test
  void unreadableFiles() throws IOException {
    Path file = Files.writeString(folder.resolve("secret"), "0123456789");
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-w-------"));
    } catch (UnsupportedOperationException e) {
      Assumptions.abort("no permissions here");
    }
    Assumptions.assumeFalse(Files.isReadable(file), "this user may read everything");
    assertRefused(file, "it cannot be read");
  }

  @Test
  void filesOfOtherKinds() throws IOException {
    assertRefused(new byte[0], "the file is empty");
    assertRefused(new byte[] {'P', 'K'}, "truncated", "only 2 bytes");
    assertRefused(utf8("<!DOCTYPE html><html></html>"), "neither", "web page");
    assertRefused(utf8("version https://git-lfs.github.com/spec/v1\n"), "Git LFS pointer");
    assertRefused(utf8("\u0000\u0001 something else altogether"), "neither a PyTorch file nor");
    assertRefused(bytes(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0), "gzip");
    assertRefused(bytes(0x89, 'H', 'D', 'F', 13, 10, 26, 10, 0, 0, 0), "HDF5");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) values[i];
    }
    return out;
  }

  static Stream<String> small() {
    return Fixtures.SMALL.stream();
  }

  /** Every length of a small file, every some hundredth of a larger one. */
  @ParameterizedTest
  @MethodSource("small")
  void filesCutOffAnywhere(String name) throws IOException {
    byte[] whole = Files.readAllBytes(Fixtures.checkpoint(name));
    int step = Math.max(1, whole.length / 700);
    for (int length = whole.length - 1; length > 0; length -= step) {
      assertRefused(Arrays.copyOf(whole, length), "truncated");
    }
  }

  // Zip archives.

  private static byte[] pickle() {
    return TestPickle.oneTensor("FloatStorage", 1, 0, ONE, ONE);
  }

  static Stream<Arguments> archives() {
    byte[] four = new byte[4];
    TestZip good = TestZip.torch(pickle(), four);
    byte[] corrupt = TestZip.torch(pickle(), four).bytes();
    corrupt[indexOfCentral(corrupt)] = 0;
    byte[] zip64 = new TestZip().zip64().add("a/data.pkl", pickle()).add("a/data/0", four).bytes();
    byte[] lost = zip64.clone();
    lost[zip64.length - 22 - 20 + 9] = 0x7f;
    byte[] elsewhere = zip64.clone();
    elsewhere[zip64.length - 22 - 20 + 8]--;
    return Stream.of(
        Arguments.of(TestZip.torch(pickle(), four).bytes(1 << 20, 100), "points outside"),
        Arguments.of(TestZip.torch(pickle(), four).bytes(0, 1 << 20), "points outside"),
        Arguments.of(
            new TestZip().zip64().add("a/data.pkl", pickle()).bytes(-5, 10), "points outside"),
        Arguments.of(
            new TestZip().zip64().add("a/data.pkl", pickle()).bytes(5, Long.MAX_VALUE),
            "points outside"),
        Arguments.of(lost, "points outside"),
        Arguments.of(elsewhere, "zip64 directory is not where it should be"),
        Arguments.of(corrupt, "central directory is corrupt at entry 1"),
        Arguments.of(good.bytes(3, 50), "central directory is corrupt"),
        Arguments.of(
            TestZip.torch(pickle(), four).addAt("archive/x", four, 1 << 30).bytes(),
            "archive/x points outside"),
        Arguments.of(
            TestZip.torch(pickle(), four).addAt("archive/x", four, 0).bytes(),
            "archive/x points to something else"),
        Arguments.of(
            TestZip.torch(pickle(), four).add("archive/data/0", four).bytes(), "two entries"),
        Arguments.of(overlapping(), "overlaps what follows it"),
        Arguments.of(new TestZip().add("readme.txt", four).bytes(), "without data.pkl"),
        Arguments.of(
            new TestZip().add("a/data.pkl", four).add("b/data.pkl", four).bytes(), "two pickles"),
        Arguments.of(
            TestZip.torch(pickle(), four).add("archive/constants.pkl", four).bytes(),
            "TorchScript"),
        Arguments.of(new TestZip().add("a/data.pkl", pickle()).bytes(), "a/data/0 is missing"),
        Arguments.of(
            new TestZip().add("a/data.pkl", pickle()).addDeflated("a/data/0", four).bytes(),
            "a/data/0 is compressed"),
        Arguments.of(
            new TestZip().addEncrypted("a/data.pkl", pickle()).bytes(), "data.pkl is encrypted"),
        Arguments.of(
            TestZip.torch(pickle(), four).add("archive/byteorder", utf8("middle")).bytes(),
            "byte order is 'middle'"));
  }

  /** Two entries whose bytes are the same: the inner one lies in the content of the outer. */
  private static byte[] overlapping() {
    byte[] inner = new TestZip().add("archive/inner", new byte[8]).bytes();
    int header = 30 + "archive/data/0".length() + 4;
    TestZip zip = new TestZip().add("archive/data/0", inner);
    return zip.aliasOf("archive/inner", new byte[8], header).bytes();
  }

  @ParameterizedTest
  @MethodSource("archives")
  void archives(byte[] file, String words) throws IOException {
    assertRefused(file, words);
  }

  @Test
  void aCompressedPickleThatIsShorterThanItSays() throws IOException {
    byte[] file = new TestZip().addDeflated("a/data.pkl", pickle()).bytes();
    int size = indexOfCentral(file) + 24;
    file[size + 1] = 0x70;
    assertRefused(file, "shorter than it declares");
    file[size + 3] = 0x7f;
    assertRefused(file, "heap");
  }

  private static int indexOfCentral(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    return buffer.getInt(file.length - 6);
  }

  // Tensors.

  static Stream<Arguments> tensors() {
    long huge = Long.MAX_VALUE / 2;
    return Stream.of(
        tensor("reach outside", 4, 0, new long[] {5}, new long[] {1}),
        tensor("reach outside", 4, 1, new long[] {4}, new long[] {1}),
        tensor("reach outside", 4, 0, new long[] {2, 2}, new long[] {3, 1}),
        tensor("reach outside", 4, -1, ONE, ONE),
        tensor("reach outside", 4, Long.MAX_VALUE, new long[] {2}, ONE),
        tensor("reach outside", 4, 0, new long[] {3}, new long[] {huge}),
        tensor("reach outside", 4, 4, ONE, ONE),
        tensor("negative stride", 4, 3, new long[] {4}, new long[] {-1}),
        tensor("is negative", 4, 0, new long[] {-4}, new long[] {1}),
        tensor("more elements than any file", 4, 0, new long[] {huge, huge}, new long[] {0, 0}),
        tensor("save it with .clone()", 4, 0, new long[] {huge / 8}, new long[] {0}),
        tensor("save it with .clone()", 4, 0, new long[] {1 << 23}, new long[] {0}),
        tensor("1 axes and 2 strides", 4, 0, ONE, new long[] {1, 1}),
        tensor("should have 20 bytes and has 16", 5, 0, new long[] {2}, ONE),
        tensor("declares -3 elements", -3, 0, ONE, ONE),
        tensor("declares " + huge + " elements", huge, 0, ONE, ONE),
        tensor("at most 64 integers", 4, 0, new long[65], new long[65]));
  }

  private static Arguments tensor(
      String words, long count, long offset, long[] shape, long[] strides) {
    return Arguments.of(words, TestPickle.oneTensor("FloatStorage", count, offset, shape, strides));
  }

  @ParameterizedTest
  @MethodSource("tensors")
  void tensorsThatTheirStorageCannotHold(String words, byte[] pickle) throws IOException {
    assertRefused(TestZip.torch(pickle, new byte[16]).bytes(), words);
  }

  @Test
  void unknownStorages() throws IOException {
    byte[] pickle = TestPickle.oneTensor("StrangeStorage", 1, 0, ONE, ONE);
    assertRefused(TestZip.torch(pickle, new byte[4]).bytes(), "tensor t", "torch.StrangeStorage");
  }

  @Test
  void twoTensorsOfOneName() throws IOException {
    byte[] pickle =
        new TestPickle()
            .op('}', '(')
            .text("a/b")
            .tensor("FloatStorage", "0", 1, 0, ONE, ONE)
            .text("a")
            .op('}')
            .text("b")
            .tensor("FloatStorage", "0", 1, 0, ONE, ONE)
            .op('s', 'u')
            .stop();
    assertRefused(TestZip.torch(pickle, new byte[4]).bytes(), "two tensors are called a/b");
  }

  // Pickles.

  static Stream<Arguments> pickles() {
    return Stream.of(
        pickle("unknown opcode 0xff", new TestPickle().op(0xff)),
        pickle("protocol 0", new TestPickle().op('V')),
        pickle("extension registry", new TestPickle().op(0x82, 1)),
        pickle("out-of-band", new TestPickle().op(0x97)),
        pickle("protocol 6 is newer", new TestPickle().op(0x80, 6)),
        pickle("stack is empty", new TestPickle()),
        pickle("stack is empty", new TestPickle().op('N', '(', 0x85)),
        pickle("no mark", new TestPickle().op('t')),
        pickle("nothing memorised as 7", new TestPickle().op('h', 7)),
        pickle("appends to no list", new TestPickle().op(')', 'N', 'a')),
        pickle("adds items to no dictionary", new TestPickle().op(']', 'N', 'N', 's')),
        pickle("a key without a value", new TestPickle().op('}', '(', 'N', 'u')),
        pickle("a call without arguments", new TestPickle().op('N', 'N', 'R')),
        pickle("calls what is no class", new TestPickle().op('N', ')', 'R')),
        pickle("a global without a name", new TestPickle().op('N', 'N', 0x93)),
        pickle("not UTF-8", new TestPickle().op('X').int32(1).op(0xff)),
        pickle("not an integer", new TestPickle().op('I', 'x', '\n')),
        pickle("not a number", new TestPickle().op('F', 'x', '\n')),
        pickle("an object without a class", new TestPickle().op('(', 'o')),
        pickle("truncated", new TestPickle().op('X').int32(1000)),
        pickle("truncated", new TestPickle().op(0x95).little(1000, 8)),
        pickle("declares 18446744073709551615 bytes", new TestPickle().op(0x8d).little(-1, 8)),
        pickle("declares 4611686018427387904", new TestPickle().op(0x96).little(1L << 62, 8)),
        pickle("integer of 5000 bytes", new TestPickle().op(0x8b).int32(5000)),
        pickle("a line of more than", new TestPickle().op('c').repeat(5000, 'x')),
        pickle("not latin1", encode("\u4e2d", "latin1")),
        pickle("deeper than 500", new TestPickle().repeat(2000, ']').repeat(1999, 'a')));
  }

  private static TestPickle encode(String text, String encoding) {
    return new TestPickle().global("_codecs", "encode").text(text).text(encoding).op(0x86, 'R');
  }

  private static Arguments pickle(String words, TestPickle pickle) {
    return Arguments.of(words, pickle.stop());
  }

  @ParameterizedTest
  @MethodSource("pickles")
  void pickles(String words, byte[] pickle) throws IOException {
    assertRefused(TestZip.torch(pickle, new byte[4]).bytes(), words);
  }

  // Legacy files.

  private static final byte[] MAGIC =
      new TestPickle()
          .op(0x8a, 10)
          .raw(bytes(0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19))
          .stop();

  private static byte[] legacy(byte[] magic, long protocol, byte[] objects, byte[] keys, long n) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(magic);
    out.writeBytes(new TestPickle().integer(protocol).stop());
    out.writeBytes(new TestPickle().op('}').stop());
    out.writeBytes(objects);
    out.writeBytes(keys);
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(n).array());
    out.writeBytes(new byte[4]);
    return out.toByteArray();
  }

  @Test
  void legacyFiles() throws IOException {
    byte[] keys = new TestPickle().op(']').text("0").op('a').stop();
    byte[] other = new TestPickle().op(']').text("1").op('a').stop();
    byte[] none = new TestPickle().op(']').stop();
    byte[] twice = new TestPickle().op(']').text("0").op('a').text("0").op('a').stop();
    byte[] noList = new TestPickle().op('N').stop();
    byte[] big = TestPickle.oneTensor("FloatStorage", 1L << 40, 0, ONE, ONE);
    byte[] empty = TestPickle.oneTensor("FloatStorage", 0, 0, new long[1], ONE);
    CheckpointReader.open(Files.write(folder.resolve("ok"), legacy(MAGIC, 1001, pickle(), keys, 1)))
        .close();
    assertRefused(legacy(pickle(), 1001, pickle(), keys, 1), "magic number");
    assertRefused(legacy(MAGIC, 1002, pickle(), keys, 1), "version 1002 instead of 1001");
    assertRefused(legacy(MAGIC, 1001, pickle(), noList, 1), "list of storages is missing");
    assertRefused(legacy(MAGIC, 1001, pickle(), other, 1), "no object uses its storage 1");
    assertRefused(legacy(MAGIC, 1001, pickle(), none, 1), "its storage 0 is missing");
    assertRefused(legacy(MAGIC, 1001, pickle(), keys, 2), "has 2 elements instead of 1");
    assertRefused(legacy(MAGIC, 1001, big, keys, 1L << 40), "truncated", "storage 0 ends at");
    assertRefused(legacy(MAGIC, 1001, empty, twice, 0), "truncated");
  }

  // safetensors.

  static Stream<Arguments> headers() {
    String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    return Stream.of(
        Arguments.of("{" + a, "not the JSON"),
        Arguments.of("{" + a + ",}", "not the JSON"),
        Arguments.of("{'a':{}}", "not the JSON"),
        Arguments.of("{" + a + "} {}", "not the JSON"),
        Arguments.of("{\"a\":[]}", "not the JSON"),
        Arguments.of("{" + a + "," + a + "}", "two tensors are called a"),
        Arguments.of("{\"a\":{}}", "lacks its dtype"),
        Arguments.of(tensor("F32", "[2]", "[0,4,8]"), "lacks its dtype, its shape or its two"),
        Arguments.of(tensor("F8_E4M3", "[2]", "[0,2]"), "unknown dtype F8_E4M3"),
        Arguments.of(tensor("F32", "[2]", "[0,4]"), "needs 8 bytes"),
        Arguments.of(tensor("F32", "[2]", "[8,0]"), "needs 8 bytes"),
        Arguments.of(tensor("F32", "[2]", "[12,20]"), "truncated, or tensor t points outside"),
        Arguments.of(
            tensor("U8", "[8]", "[9223372036854775799,9223372036854775807]"), "points outside"),
        Arguments.of(tensor("F32", "[-2]", "[0,8]"), "negative"),
        Arguments.of(tensor("F32", "[\"2\"]", "[0,8]"), "STRING instead of NUMBER"),
        Arguments.of(tensor("F32", "[2.5]", "[0,8]"), "not the JSON"),
        Arguments.of(tensor("F32", "[1e400]", "[0,8]"), "not the JSON"),
        Arguments.of(tensor("F32", "[4294967296,4294967296,16]", "[0,8]"), "than any file"),
        Arguments.of(tensor("F32", ones(65), "[0,4]"), "more than 64 axes"),
        Arguments.of("{" + a + "," + a.replace("\"a\"", "\"b\"") + "}", "a and b overlap"),
        Arguments.of("{\"__metadata__\":{\"k\":1}}", "__metadata__: NUMBER instead of STRING"),
        Arguments.of("{\"x\":" + "[".repeat(5000) + "}", "JSON"),
        Arguments.of("{\"a\":{\"y\":" + "[".repeat(5000) + "}}", "JSON"));
  }

  private static String ones(int n) {
    return IntStream.range(0, n).mapToObj(i -> "1").toList().toString();
  }

  private static String tensor(String dtype, String shape, String offsets) {
    return String.format(
        "{\"t\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}", dtype, shape, offsets);
  }

  private static byte[] safetensors(long length, String header, int data) {
    byte[] json = utf8(header);
    return ByteBuffer.allocate(8 + json.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(json)
        .array();
  }

  @ParameterizedTest
  @MethodSource("headers")
  void safetensorsHeaders(String header, String words) throws IOException {
    assertRefused(safetensors(utf8(header).length, header, 16), words);
  }

  @Test
  void safetensorsHeaderLengths() throws IOException {
    assertRefused(safetensors(3000, "{}", 16), "truncated", "3,000 bytes");
    assertRefused(safetensors(1L << 40, "{}", 16), "more than the allowed 100,000,000");
    assertRefused(safetensors(-1, "{}", 16), "18446744073709551615");
  }
}
