package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.microsam.model.SamModel;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.VitConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code microsam train} in a process of its own that is told to end. */
class TrainInterruptionTest {
  private static final int ENDLESS = 100_000;
  private static final int SECONDS = 120;
  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  /** What shells add to the number of a signal that ended a process. */
  private static final int SIGNALLED = 128;

  @TempDir private Path folder;
  private Path config;
  private Path output;
  private Path steps;

  @BeforeEach
  void synthesize() throws IOException {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "signals are sent as on Linux");
    CommandRun.of("synthesize", "-o", folder, "--count", 2, "--size", "64x64").output();
    config = folder.resolve("train.yaml");
    output = folder.resolve("trained.safetensors");
    steps = TrainProgress.beside(output, "steps.csv");
    SamConfig tiny =
        new SamConfig(
            new VitConfig(64, 16, 16, 1, 2, 32, 2, List.of(0), 16),
            new MaskDecoderConfig(3, 2, 2, 32, 3, 16, 8),
            Optional.empty());
    try (SamModel random = SamModel.random(tiny, 1)) {
      random.save(folder.resolve("start.safetensors"));
    }
  }

  private void configure(long maxIterations) throws IOException {
    Files.writeString(
        config,
        """
        preset: none
        model: start.safetensors
        data:
          validationFraction: 0.5
          training:
            - files: {images: images, labels: labels}
        patches: {width: 64, height: 64}
        loading: {batches: %d, validationPatches: 1}
        training:
          scheme:
            interactive:
              prompts: {subIterations: 1, maxObjects: 2}
          maxIterations: %d
        """
            .formatted(ENDLESS, maxIterations));
  }

  @Test
  void whenItIsTerminatedItSavesItsStateAndCanGoOn() throws Exception {
    savesItsStateAndGoesOn("TERM", SIGTERM);
  }

  @Test
  void whenItIsInterruptedFromTheKeyboardItSavesItsStateAndCanGoOn() throws Exception {
    savesItsStateAndGoesOn("INT", SIGINT);
  }

  private void savesItsStateAndGoesOn(String name, int signal) throws Exception {
    assumeFalse(isIgnored(signal), "SIG" + name + " is ignored where this test runs");
    configure(0);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "train",
                "--config",
                config.toString(),
                "-o",
                output.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    try {
      awaitStep(process, 2);
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), this::log);
    } finally {
      process.destroyForcibly();
    }
    assertEquals(SIGNALLED + signal, process.exitValue(), this::log);
    int done = rows();
    assertTrue(
        log().contains("Stopped after " + done + " batches. The state is saved; the same command"),
        this::log);

    configure(done + 2L);
    String out = CommandRun.of("train", "--config", config, "-o", output, "--resume").output();
    assertTrue(out.contains(done + " are done"), out);
    assertTrue(out.contains("Done after " + (done + 2) + " batches."), out);
    assertEquals(done + 2, rows());
    assertTrue(Files.exists(output));
  }

  /** As background jobs of shells ignore the keyboard's signal. */
  private static boolean isIgnored(int signal) throws IOException {
    String ignored =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow()
            .substring("SigIgn:".length())
            .trim();
    return ((Long.parseUnsignedLong(ignored, 16) >>> (signal - 1)) & 1) == 1;
  }

  private void awaitStep(Process process, int wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (rows() < wanted) {
      assertTrue(process.isAlive() && System.nanoTime() < end, this::log);
      Thread.sleep(50);
    }
  }

  /** Batches in the table, which has a line of names. */
  private int rows() throws IOException {
    return Files.exists(steps) ? Files.readAllLines(steps).size() - 1 : 0;
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("log"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
