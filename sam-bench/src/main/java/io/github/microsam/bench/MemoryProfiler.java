package io.github.microsam.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * JMH profiler that tells the resident memory of the process: the most in an iteration, and how
 * much an iteration adds. On Linux; says nothing elsewhere.
 */
public final class MemoryProfiler implements InternalProfiler {
  /** Name of the secondary result: the most resident memory, in MB. */
  public static final String PEAK = "peak memory";

  /** Name of the secondary result: resident memory after an iteration less that before, in MB. */
  public static final String GROWTH = "memory growth";

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  /** What sets the most resident memory so far to the present (proc(5)). */
  private static final String RESET_PEAK = "5";

  private double before;

  /** A profiler; JMH makes it by its name. */
  public MemoryProfiler() {}

  @Override
  public String getDescription() {
    return "resident memory of the process";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (Files.exists(STATUS)) {
      // Garbage of the iteration before is not this one's; JMH's own -gc is off by default.
      System.gc();
      write(CLEAR, RESET_PEAK);
      before = megabytes("VmRSS:");
    }
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    if (!Files.exists(STATUS)) {
      return List.of();
    }
    double growth = megabytes("VmRSS:") - before;
    return List.of(
        new ScalarResult(PEAK, megabytes("VmHWM:"), "MB", AggregationPolicy.MAX),
        new ScalarResult(GROWTH, growth, "MB", AggregationPolicy.MAX));
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double megabytes(String entry) {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(entry)) {
          return 1024 * Long.parseLong(line.replaceAll("\\D", "")) / 1e6;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException(STATUS + " has no " + entry);
  }
}
