package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a file says, reading it fits in 64 MB of heap and ends as declared. */
class SmallHeapTest {
  private static final String HEAP = "-Xmx64m";

  @TempDir private Path folder;

  @Test
  void hostileFilesAreRefusedOrReadQuickly() throws Exception {
    List<String> files = new ArrayList<>();
    for (Map.Entry<String, Supplier<byte[]>> bomb : Bombs.all().entrySet()) {
      Path file = folder.resolve(bomb.getKey());
      files.add(Files.write(file, bomb.getValue().get()).toString());
    }
    run(0, files);
  }

  @Test
  void mutationsOfGoodFilesAreRefusedOrRead() throws Exception {
    run(2000, Fixtures.SMALL.stream().map(f -> Fixtures.checkpoint(f).toString()).toList());
  }

  @Test
  @Tag("long")
  void manyMutationsOfAllGoodFilesAreRefusedOrRead() throws Exception {
    List<String> files =
        GoldenCheckpointsTest.files().map(f -> Fixtures.checkpoint(f).toString()).toList();
    run(20_000, files);
  }

  private void run(int mutations, List<String> files) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(HEAP, "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(SmallHeap.class.getName(), Integer.toString(mutations)));
    command.addAll(files);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(process.waitFor(20, TimeUnit.MINUTES), "it hangs");
    } finally {
      process.destroyForcibly();
    }
    String printed = Files.readString(output);
    assertEquals(0, process.exitValue(), printed);
    assertTrue(printed.contains(" refused"), printed);
  }
}
