package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints written while a virtual machine ends, as an interrupted training writes its state.
 */
class ShutdownTest {
  @TempDir Path folder;

  @Test
  void aShutdownHookCanWriteACheckpoint() throws Exception {
    Path target = folder.resolve("state.safetensors");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-cp",
                System.getProperty("java.class.path"),
                WritesAtExit.class.getName(),
                target.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
    assertEquals("", output);
    try (Checkpoint checkpoint = CheckpointReader.open(target)) {
      assertEquals(7f, checkpoint.tensors().get("step").toFloats()[0]);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(target), files.toList());
    }
  }

  /** Ends at once, and writes a checkpoint then. */
  static final class WritesAtExit {
    private WritesAtExit() {}

    public static void main(String[] args) {
      Tensor step =
          Tensor.of("step", DType.F32, new long[] {1}, ByteBuffer.wrap(new byte[] {0, 0, -32, 64}));
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> CheckpointWriter.write(Path.of(args[0]), List.of(step), Map.of())));
    }
  }
}
