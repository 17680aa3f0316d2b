package io.github.microsam.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The decoder for automatic segmentation: an embedding to three maps. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
@Warmup(iterations = 2)
@Measurement(iterations = 7)
public class UnetrBenchmark extends RuntimeState {
  /** The architecture; those that are published differ in their encoders only. */
  @Param("vit_t")
  public String model;

  /** Side of the image in pixels. */
  @Param({"1024", "512"})
  public int size;

  /** To be made by JMH. */
  public UnetrBenchmark() {}

  @Override
  String name() {
    return "unetr " + model + size;
  }

  @Override
  Work work(Contestant contestant) {
    return contestant.unetr(Models.config(model, size));
  }

  /**
   * Decodes an embedding.
   *
   * @return some values of the result
   */
  @Benchmark
  public float[][] decode() {
    return checked();
  }
}
