package io.github.microsam.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.SamModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Native memory has an owner: it does not grow with the number of predictions. */
class PredictorMemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");

  /** To leak one copy of the features at each of 600 prompts would take 19 MiB. */
  private static final long ALLOWED_KIB = 2 * 1024;

  /** In a process whose heap has a fixed size, since only then what grows is native. */
  @Test
  void threeHundredPredictionsAndTenEncodingsLeaveTheResidentSizeFlat() throws Exception {
    Assumptions.assumeTrue(Files.exists(STATUS), "this system does not tell the resident size");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms96m",
            "-Xmx96m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            PredictorMemoryTest.class.getName());
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    String[] lines = output.strip().lines().toArray(String[]::new);
    long grown = Long.parseLong(lines[lines.length - 1]);
    assertTrue(grown < ALLOWED_KIB, () -> "the resident size grew by " + grown + " KiB");
  }

  /** Prints by how many KiB the resident size grows. */
  public static void main(String[] args) throws IOException {
    try (SamModel model = SmallModel.open()) {
      SamPredictor predictor = new SamPredictor(model);
      run(predictor, 150, 5);
      long before = residentKib();
      run(predictor, 300, 10);
      System.out.println("\n" + (residentKib() - before));
    }
  }

  private static void run(SamPredictor predictor, int predictions, int encodings) {
    for (int i = 0; i < encodings; i++) {
      ImageEmbedding embedding = predictor.embed(SmallModel.image(240, 180));
      for (int k = 0; k < predictions / encodings; k++) {
        predictor.predict(
            embedding, List.of(Prompt.point(60 + k, 70), Prompt.box(20, 30, 100 + k, 90)));
      }
    }
  }

  private static long residentKib() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no VmRSS in " + STATUS);
  }
}
