package io.github.microsam.zarr;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.github.microsam.io.PythonModule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Arrays that Python wrote ({@code zarr/make_arrays.py}) and that are written here. Where a Python
 * with zarr is on the machine, it reads what is written.
 */
class ZarrArrayTest {
  private static final int ROWS = 70;
  private static final int COLUMNS = 90;

  @TempDir Path folder;

  @Test
  void everyArrayOfPythonIsRead() throws IOException {
    unpack();
    int arrays = 0;
    for (String version : List.of("v2", "v3")) {
      try (Stream<Path> paths = Files.list(folder.resolve(version))) {
        for (Path path : paths.filter(Files::isDirectory).sorted().toList()) {
          ZarrArray array = ZarrGroup.findArray(path).orElseThrow();
          assertArrayEquals(new long[] {ROWS, COLUMNS}, array.shape(), path.toString());
          double[] found = new double[ROWS * COLUMNS];
          array.read(new long[2], new int[] {ROWS, COLUMNS}, (i, value) -> found[i] = value);
          for (int i = 0; i < found.length; i++) {
            double expected = expected(path, array.type(), i / COLUMNS, i % COLUMNS);
            assertEquals(expected, found[i], path + " at " + i / COLUMNS + ", " + i % COLUMNS);
          }
          arrays++;
        }
      }
    }
    assertEquals(38, arrays);
  }

  @Test
  void aBlockIsReadFromTheChunksThatItTouches() throws IOException {
    unpack();
    for (String name : List.of("v2/default", "v2/columns", "v3/sharded", "v3/transposed_crc")) {
      Path path = folder.resolve(name);
      ZarrArray array = ZarrGroup.findArray(path).orElseThrow();
      float[] block = array.readFloats(new long[] {45, 60}, new int[] {9, 30});
      for (int i = 0; i < block.length; i++) {
        double expected = expected(path, array.type(), 45 + i / 30, 60 + i % 30);
        assertEquals(expected, block[i], name);
      }
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> array.readFloats(new long[] {45, 61}, new int[] {9, 30}));
    }
  }

  @Test
  void attributesAreRead() throws IOException {
    unpack();
    for (String version : List.of("v2", "v3")) {
      ZarrGroup group = ZarrGroup.find(folder.resolve(version)).orElseThrow();
      assertEquals("arrays", group.attributes().get("name").getAsString());
      assertEquals(
          "[70,90]", group.array("default").orElseThrow().attributes().get("size").toString());
      assertTrue(group.group("default").isEmpty());
      assertTrue(group.array("missing").isEmpty());
    }
  }

  @Test
  void chunksAreReplacedInWhateverAnArrayIsCompressedWith() throws IOException {
    unpack();
    for (String version : List.of("v2", "v3")) {
      try (Stream<Path> paths = Files.list(folder.resolve(version))) {
        for (Path path : paths.filter(Files::isDirectory).toList()) {
          ZarrArray array = ZarrGroup.findArray(path).orElseThrow();
          if (path.getFileName().toString().startsWith("sharded")) {
            assertThrows(ZarrException.class, () -> array.writeChunk(i -> 0, 0, 0));
            continue;
          }
          int[] chunk = array.chunkShape();
          array.writeChunk(i -> i % 2, 1, 0);
          float[] found = array.readFloats(new long[] {chunk[0], 0}, new int[] {5, chunk[1]});
          for (int i = 0; i < found.length; i++) {
            assertEquals(i % 2, found[i], path.toString());
          }
          assertEquals(
              expected(path, array.type(), 3, 4),
              array.readFloats(new long[] {3, 4}, new int[] {1, 1})[0]);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenComesBack(ZarrFormat format) throws IOException {
    Path path = folder.resolve("new").resolve("made.zarr");
    ZarrGroup group = write(path, format);
    for (ZarrType type : ZarrType.values()) {
      ZarrArray array = group.array(type.name()).orElseThrow();
      assertEquals(type, array.type());
      assertTrue(array.hasChunk(0, 1));
      assertFalse(array.hasChunk(1, 0));
      float[] found = array.readFloats(new long[2], new int[] {3, 5});
      for (int i = 0; i < found.length; i++) {
        double expected = i / 5 == 2 ? 0 : written(type, i / 5, i % 5);
        assertEquals(expected, found[i], type + " at " + i);
      }
    }
    assertEquals(format, ZarrGroup.find(path).orElseThrow().format());
    try (Stream<Path> files = Files.walk(folder)) {
      assertEquals(List.of(), files.filter(f -> f.toString().endsWith(".part")).toList());
    }
  }

  @Test
  void pythonReadsWhatIsWritten() throws Exception {
    Path path = folder.resolve("made.zarr");
    write(path, ZarrFormat.V2);
    String found =
        PythonModule.run(
            "zarr",
            """
            import sys, zarr
            f = zarr.open(sys.argv[1], mode="a")
            print(dict(f.attrs))
            for name in sorted(f.keys()):
                print(name, f[name].dtype.str, (4.0 * f[name][:]).astype("int64").tolist())
            """,
            path);
    StringBuilder expected = new StringBuilder("{'answer': 42, 'nothing': None}\n");
    for (ZarrType type :
        Stream.of(ZarrType.values()).sorted((a, b) -> a.name().compareTo(b.name())).toList()) {
      List<List<Long>> rows = new ArrayList<>();
      for (int y = 0; y < 3; y++) {
        List<Long> row = new ArrayList<>();
        for (int x = 0; x < 5; x++) {
          row.add(y == 2 ? 0 : (long) (4 * written(type, y, x)));
        }
        rows.add(row);
      }
      expected.append(type.name()).append(' ').append(type.bytes() == 1 ? '|' : '<');
      expected.append(type.code()).append(' ').append(rows).append('\n');
    }
    assertEquals(expected.toString().strip(), found);
  }

  @Test
  void manyWritersOfOneChunkLeaveTheChunkOfOne() {
    ZarrGroup group = ZarrGroup.create(folder.resolve("a.zarr"), ZarrFormat.V2, g -> {});
    AtomicInteger made = new AtomicInteger();
    IntStream.range(0, 8)
        .parallel()
        .forEach(
            writer -> {
              ZarrArray array =
                  group.createArray(
                      "a",
                      ZarrType.UINT8,
                      new long[] {100, 100},
                      new int[] {100, 100},
                      a -> made.incrementAndGet());
              for (int round = 0; round < 10; round++) {
                array.writeChunk(i -> writer, 0, 0);
                assertOneWriter(array);
              }
            });
    assertTrue(made.get() >= 1);
  }

  /** Makes an array if there is none, and writes its chunk over and over: a program of its own. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      ZarrGroup group = ZarrGroup.create(Path.of(args[0]), ZarrFormat.V2, g -> {});
      ZarrArray array =
          group.createArray(
              "a", ZarrType.UINT8, new long[] {100, 100}, new int[] {100, 100}, a -> {});
      for (int round = 0; round < 300; round++) {
        array.writeChunk(i -> Integer.parseInt(args[1]), 0, 0);
      }
    }
  }

  @Test
  void twoProcessesThatWriteOneArrayLeaveItWhole() throws Exception {
    Path path = folder.resolve("a.zarr");
    List<Process> processes = new ArrayList<>();
    for (int value = 1; value <= 2; value++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  path.toString(),
                  Integer.toString(value))
              .redirectErrorStream(true)
              .start());
    }
    while (processes.stream().anyMatch(Process::isAlive)) {
      ZarrGroup.findArray(path.resolve("a")).ifPresent(ZarrArrayTest::assertOneWriter);
    }
    for (Process process : processes) {
      assertEquals("", new String(process.getInputStream().readAllBytes(), UTF_8));
      assertEquals(0, process.waitFor());
    }
    ZarrArray array = ZarrGroup.findArray(path.resolve("a")).orElseThrow();
    assertTrue(array.hasChunk(0, 0));
    assertOneWriter(array);
    try (Stream<Path> files = Files.walk(folder)) {
      assertEquals(List.of(), files.filter(f -> f.toString().endsWith(".part")).toList());
    }
  }

  private static void assertOneWriter(ZarrArray array) {
    float[] found = array.readFloats(new long[2], new int[] {100, 100});
    for (float value : found) {
      assertEquals(found[0], value, "a chunk of two writers");
    }
  }

  @Test
  void damageIsToldWithTheFile() throws IOException {
    unpack();
    for (String name :
        List.of(
            "v2/default/0.0",
            "v2/zstd/0.0",
            "v2/gzip/0.0",
            "v2/lz4/0.0",
            "v2/raw/0.0",
            "v2/blosc_blosclz_1/0.0",
            "v2/blosc_blocks/0.0",
            "v3/transposed_crc/c/0/0",
            "v3/sharded/c/0/0")) {
      Path file = folder.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      Path array =
          name.startsWith("v3") ? file.getParent().getParent().getParent() : file.getParent();
      ZarrException e =
          assertThrows(
              ZarrException.class,
              () ->
                  ZarrGroup.findArray(array)
                      .orElseThrow()
                      .readFloats(new long[2], new int[] {10, 10}));
      assertTrue(e.getMessage().contains(file + " is damaged"), e.getMessage());
    }
  }

  @Test
  void metadataThatAreDamagedOrUnknownAreTold() throws IOException {
    Path array = Files.createDirectories(folder.resolve("a"));
    for (String json :
        List.of(
            "{",
            "[]",
            "{\"zarr_format\": 2}",
            "{\"shape\": [3], \"chunks\": [3], \"dtype\": \"<c8\", \"compressor\": null}",
            "{\"shape\": [3], \"chunks\": [3], \"dtype\": \"<f4\", \"compressor\": {\"id\":"
                + " \"lzma\"}}",
            "{\"shape\": [3], \"chunks\": [0], \"dtype\": \"<f4\", \"compressor\": null}")) {
      Files.writeString(array.resolve(".zarray"), json);
      ZarrException e = assertThrows(ZarrException.class, () -> ZarrGroup.findArray(array), json);
      assertTrue(e.getMessage().contains(array.toString()), e::getMessage);
    }
    assertTrue(ZarrGroup.find(folder.resolve("missing")).isEmpty());
    assertTrue(ZarrGroup.findArray(folder).isEmpty());
  }

  private static ZarrGroup write(Path path, ZarrFormat format) {
    ZarrGroup group =
        ZarrGroup.create(
            path,
            format,
            g -> {
              JsonObject attributes = new JsonObject();
              attributes.addProperty("answer", 42);
              attributes.add("nothing", JsonNull.INSTANCE);
              g.setAttributes(attributes);
            });
    for (ZarrType type : ZarrType.values()) {
      ZarrArray array =
          group.createArray(type.name(), type, new long[] {3, 5}, new int[] {2, 3}, made -> {});
      for (int c = 0; c < 2; c++) {
        int column = c;
        array.writeChunk(i -> written(type, i / 3, 3 * column + i % 3), 0, c);
      }
    }
    assertEquals(42, group.attributes().get("answer").getAsInt());
    return group;
  }

  private static double written(ZarrType type, int y, int x) {
    double value = 5 * y + x;
    return switch (type) {
      case BOOL -> value % 2;
      case INT8, INT16, INT32, INT64 -> value - 7;
      case UINT8 -> 255 - value;
      case UINT16 -> 65_535 - value;
      case UINT32 -> 4_294_967_040.0 - 256 * value;
      case UINT64 -> value * 1e6;
      case FLOAT32, FLOAT64 -> value / 4;
    };
  }

  private static double expected(Path path, ZarrType type, int i, int j) {
    if (path.endsWith("filled") && (i >= 50 || j >= 64)) {
      return 7;
    }
    int value = (i * i + 3 * j) % 1000;
    return switch (type) {
      case FLOAT32, FLOAT64 -> value / 8.0;
      case BOOL -> value % 2;
      case INT8, UINT8 -> value % 128;
      default -> value;
    };
  }

  private void unpack() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/zarr/arrays.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, zip.readAllBytes());
      }
    }
  }
}
