package io.github.microsam.embedding;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.image.ImageSource;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.SamPredictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads and processes that fill one cache. */
class ConcurrentCacheTest extends CacheFixture {
  @Test
  void twoThreadsThatFillOneCacheLeaveItWhole() throws Exception {
    Path path = folder.resolve("a.zarr");
    CacheOptions options = CacheOptions.defaults().withTiles(TILES);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread thread = new Thread(() -> precompute(path, stack, options));
      thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), failures);
    EmbeddingCache cache = EmbeddingCache.open(path, CacheModel.of(sam));
    for (int z = 0; z < 3; z++) {
      ImageSource plane = ImageSource.of(stack.plane(z));
      for (int t = 0; t < 4; t++) {
        TileEmbeddings tiles = cache.embeddings(z);
        assertSame(predictor.embed(plane.part(tiles.tiling().outer(t))), tiles.embedding(t));
      }
    }
    try (Stream<Path> files = Files.walk(folder)) {
      assertEquals(List.of(), files.filter(f -> f.toString().contains(".part")).toList());
    }
  }

  /** Both wait until both are ready, so that they write at the same time. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoProcessesThatFillOneCacheWriteWhatOneWrites(boolean tiled) throws Exception {
    Path alone = folder.resolve("alone.zarr");
    precompute(alone, many(), manyOptions(tiled));
    Path both = folder.resolve("both.zarr");
    List<Process> processes = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        processes.add(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ConcurrentCacheTest.class.getName(),
                    both.toString(),
                    Boolean.toString(tiled))
                .redirectError(folder.resolve("errors" + i).toFile())
                .start());
      }
      for (Process process : processes) {
        assertEquals('r', process.getInputStream().read());
      }
      for (Process process : processes) {
        process.getOutputStream().write('g');
        process.getOutputStream().flush();
      }
      for (int i = 0; i < 2; i++) {
        assertEquals(0, processes.get(i).waitFor(), Files.readString(folder.resolve("errors" + i)));
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    assertEquals(contents(alone), contents(both));
  }

  /** Fills a cache when it is told to. */
  public static void main(String[] arguments) throws IOException {
    CacheOptions options = manyOptions(Boolean.parseBoolean(arguments[1]));
    try (SamModel model = model(1)) {
      fill(Path.of(arguments[0]), model, options);
    }
  }

  private static void fill(Path cache, SamModel model, CacheOptions options) throws IOException {
    SamPredictor predictor = new SamPredictor(model);
    predictor.embed(ImageSource.of(pixels(0)));
    System.out.write('r');
    System.out.flush();
    if (System.in.read() != 'g') {
      throw new IOException("ended");
    }
    EmbeddingCache.precompute(
        cache, predictor, CacheModel.of(model), many(), options, PrecomputeListener.SILENT);
  }

  private static ImagePlanes many() {
    return ImagePlanes.ofStack(20, z -> pixels(10 + z));
  }

  private static CacheOptions manyOptions(boolean tiled) {
    return tiled ? CacheOptions.defaults().withTiles(TILES) : CacheOptions.defaults();
  }

  private static Map<String, String> contents(Path cache) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = HexFormat.of().formatHex(Files.readAllBytes(file));
        contents.put(cache.relativize(file).toString(), bytes);
      }
    }
    return contents;
  }
}
