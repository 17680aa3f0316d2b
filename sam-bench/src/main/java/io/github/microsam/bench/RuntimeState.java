package io.github.microsam.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What benchmarks have in common that measure a work in several runtimes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
public abstract class RuntimeState {
  /**
   * Who computes: {@code nd4j}, {@code onednn}, {@code onednn-bf16} or {@code onnxruntime}; {@code
   * cuda} if asked for, in a build for GPUs.
   */
  @Param({"nd4j", "onednn", "onednn-bf16", "onnxruntime"})
  public String runtime;

  private Work work;
  private Reference reference;

  /** To be extended. */
  protected RuntimeState() {}

  /** What is computed, without who computes it. */
  abstract String name();

  /** Makes the work. */
  abstract Work work(Contestant contestant);

  /** Makes the work and does it once. */
  @Setup(Level.Trial)
  public final void open() {
    work = work(Contestant.of(runtime));
    reference =
        runtime.equals(Contestant.BFLOAT16)
            ? Reference.ofRounded(name(), work.run())
            : Reference.of(name(), work.run());
  }

  /** Does the work, and checks what it gives. */
  final float[][] checked() {
    float[][] result = work.run();
    reference.check(result);
    return result;
  }

  /** Frees the work. */
  @TearDown(Level.Trial)
  public final void close() {
    work.close();
  }
}
