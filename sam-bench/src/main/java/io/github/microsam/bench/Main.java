package io.github.microsam.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks: JMH's command line, with what every benchmark here wants added. Results go to
 * {@value #RESULTS} unless {@code -rff} says otherwise, and as a table to standard output.
 *
 * <p>{@code java -jar sam-bench/target/benchmarks.jar ImageEncoder -p model=vit_b -p size=1024}
 * measures the encoder of vit_b in all runtimes; {@code -h} explains the options, {@code -l} lists
 * the benchmarks, {@code -p model=vit_l} is for the patient. {@code MICROSAM_THREADS} sets the
 * number of threads for all runtimes.
 */
public final class Main {
  /** File that the results go to. */
  static final String RESULTS = "benchmarks.json";

  /** System property of the processes that measure: what {@link Surroundings} found. */
  static final String SURROUNDINGS = "microsam.bench.surroundings";

  /** Of JMH's options: those that only print something. */
  private static final List<String> QUESTIONS = List.of("-h", "-l", "-lp", "-lprof", "-lrf");

  /** What has to be in the environment before native libraries are loaded, unless it is set. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of(OnnxSession.NO_TELEMETRY, "1", "OMP_WAIT_POLICY", "PASSIVE");

  private Main() {}

  /**
   * Runs benchmarks.
   *
   * @param args options of JMH
   * @throws IOException if files of results cannot be written
   * @throws CommandLineOptionException if JMH does not take the options
   * @throws RunnerException if a benchmark fails
   * @throws InterruptedException if this thread is interrupted
   */
  public static void main(String[] args)
      throws IOException, CommandLineOptionException, RunnerException, InterruptedException {
    if (Arrays.stream(args).anyMatch(QUESTIONS::contains)) {
      org.openjdk.jmh.Main.main(args);
    } else if (System.getenv().keySet().containsAll(ENVIRONMENT.keySet())) {
      run(args);
    } else {
      System.exit(inEnvironment(args));
    }
  }

  /** Does the same in a process with the environment that the libraries need. */
  private static int inEnvironment(String[] args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    ENVIRONMENT.forEach(builder.environment()::putIfAbsent);
    return builder.start().waitFor();
  }

  private static void run(String[] args)
      throws IOException, CommandLineOptionException, RunnerException {
    CommandLineOptions given = new CommandLineOptions(args);
    Path references = Files.createTempDirectory("microsam-references");
    try {
      List<String> jvm = new ArrayList<>(given.getJvmArgsAppend().orElse(List.of()));
      jvm.add("-D" + Reference.FOLDER + "=" + references);
      jvm.add("-D" + SURROUNDINGS + "=" + Surroundings.describe());
      jvm.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
      // The bound is for applications; the weights of stock graphs alone may pass it here.
      jvm.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
      String file = given.getResult().orElse(RESULTS);
      ChainedOptionsBuilder options =
          new OptionsBuilder()
              .parent(given)
              .jvmArgsAppend(jvm.toArray(String[]::new))
              .addProfiler(MemoryProfiler.class)
              .shouldFailOnError(true)
              .resultFormat(ResultFormatType.JSON)
              .result(file);
      new Runner(options.build()).run();
      System.out.println();
      System.out.print(Table.of(Path.of(file)));
    } finally {
      delete(references);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      Collection<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        Files.delete(file);
      }
    }
  }
}
