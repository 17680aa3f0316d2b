package io.github.microsam.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark works, tiny and once. Nothing is timed here. */
class BenchmarksTest {
  @TempDir Path folder;

  /** As nothing is timed, it does not matter whether other benchmarks run on this machine. */
  @BeforeAll
  static void ignoreOthers() {
    System.setProperty("jmh.ignoreLock", "true");
  }

  @Test
  void allOfThemInThisProcess() throws Exception {
    System.setProperty(Reference.FOLDER, folder.toString());
    try {
      Collection<RunResult> results =
          run(
              "-f",
              "0",
              "-wi",
              "0",
              "-i",
              "1",
              "-bs",
              "1",
              "-p",
              "model=small",
              "-p",
              "size=64",
              "-p",
              "prompts=2",
              "-p",
              "pointsPerSide=3",
              "-p",
              "runtime=onednn,onednn-bf16,onnxruntime",
              "-e",
              "PredictBenchmark",
              ".*");
      Set<String> names = new TreeSet<>();
      results.forEach(r -> names.add(r.getParams().getBenchmark().replaceFirst(".*bench\\.", "")));
      assertTrue(
          names.containsAll(
              Set.of(
                  "DistanceWatershedBenchmark.segment",
                  "ImageEncoderBenchmark.encode",
                  "MaskNmsBenchmark.select",
                  "PointGridBenchmark.initialize",
                  "PredictionMemoryBenchmark.predict",
                  "PromptDecoderBenchmark.decode",
                  "TrainingStepBenchmark.step",
                  "UnetrBenchmark.decode")),
          names.toString());
    } finally {
      System.clearProperty(Reference.FOLDER);
    }
  }

  /** A predictor finds its kernels by itself, once a process, as the process's setting says. */
  @Test
  void predictingInProcessesOfItsOwnForEachRuntime() throws Exception {
    assertEquals(4, inProcesses("nd4j,onednn,onednn-bf16,onnxruntime", "PredictBenchmark"));
  }

  @Test
  void oneInProcessesOfItsOwnForEachRuntime() throws Exception {
    assertEquals(2, inProcesses("nd4j,onnxruntime", "ImageEncoder"));
  }

  private int inProcesses(String runtimes, String benchmark) throws Exception {
    Collection<RunResult> results =
        run(
            "-f",
            "1",
            "-wi",
            "0",
            "-i",
            "1",
            "-p",
            "model=small",
            "-p",
            "size=64",
            "-p",
            "runtime=" + runtimes,
            "-jvmArgsAppend",
            "-Dmicrosam.bench.references=" + folder,
            benchmark);
    return results.size();
  }

  @Test
  void aRuntimeThatIsWrongFails() {
    System.setProperty(Reference.FOLDER, folder.toString());
    try {
      Reference.of("some work", new float[] {1, -200, 3}).check(new float[] {1, -200.1f, 3});
      Reference other = Reference.of("some work", new float[] {1.1f, -200, 3});
      String message =
          assertThrows(IllegalStateException.class, () -> other.check(new float[] {1, -200, 4}))
              .getMessage();
      assertEquals(
          "some work differs from the runtime that was measured first by 5.0e-03 of its scale",
          message);
      assertThrows(IllegalStateException.class, () -> other.check(new float[] {1, Float.NaN, 3}));
      assertThrows(IllegalStateException.class, () -> Reference.of("new", new float[] {Float.NaN}));
    } finally {
      System.clearProperty(Reference.FOLDER);
    }
  }

  @Test
  void eachOutputIsComparedOnItsOwnScale() {
    System.setProperty(Reference.FOLDER, folder.toString());
    try {
      Reference.of("two outputs", new float[] {1000, 2000}, new float[] {0.5f});
      Reference again = Reference.of("two outputs", new float[] {1000, 2001}, new float[] {0.5f});
      String message =
          assertThrows(
                  IllegalStateException.class,
                  () -> again.check(new float[] {1000, 2000}, new float[] {0.6f}))
              .getMessage();
      assertTrue(message.contains("2.0e-01 of its scale"), message);
      message =
          assertThrows(IllegalStateException.class, () -> again.check(new float[] {1000, 2000}))
              .getMessage();
      assertEquals("two outputs gives 1 outputs, expected 2", message);
    } finally {
      System.clearProperty(Reference.FOLDER);
    }
  }

  @Test
  void cudaSaysWhatItNeeds() {
    String message =
        assertThrows(IllegalStateException.class, () -> Contestant.of("cuda")).getMessage();
    assertEquals(
        "runtime 'cuda' needs a build for GPUs, mvn package -Pcuda -DskipTests; this one computes"
            + " on CPU",
        message);
    Gpu.require(gpu(8, 6));
    message = assertThrows(IllegalStateException.class, () -> Gpu.require(gpu(9, 0))).getMessage();
    assertEquals(
        "some GPU has compute capability 9.0; ND4J 1.0.0-M2.1 has code for 3.7 to 8.6 only",
        message);
  }

  private static Properties gpu(int major, int minor) {
    Properties environment = new Properties();
    environment.put(Nd4jEnvironment.BACKEND_KEY, "CUDA");
    environment.put(
        Nd4jEnvironment.CUDA_DEVICE_INFORMATION_KEY,
        List.of(
            Map.of(
                Nd4jEnvironment.CUDA_DEVICE_NAME_KEY,
                "some GPU",
                Nd4jEnvironment.CUDA_DEVICE_MAJOR_VERSION_KEY,
                major,
                Nd4jEnvironment.CUDA_DEVICE_MINOR_VERSION_KEY,
                minor)));
    return environment;
  }

  @Test
  void whatRoundsIsComparedWithOthersAndNotTheyWithIt() {
    System.setProperty(Reference.FOLDER, folder.toString());
    try {
      Reference.ofRounded("rounded work", new float[] {1.01f, 2});
      Reference.of("rounded work", new float[] {1, 2});
      Reference.ofRounded("rounded work", new float[] {1.01f, 2});
      assertThrows(
          IllegalStateException.class,
          () -> Reference.ofRounded("rounded work", new float[] {1.5f, 2}));
    } finally {
      System.clearProperty(Reference.FOLDER);
    }
  }

  private static Collection<RunResult> run(String... args) throws Exception {
    return new Runner(
            new OptionsBuilder()
                .parent(new CommandLineOptions(args))
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .addProfiler(MemoryProfiler.class)
                .build())
        .run();
  }
}
