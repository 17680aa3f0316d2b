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

/** The image encoder: an image that is prepared to its embedding. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
@Warmup(iterations = 3)
@Measurement(iterations = 10)
public class ImageEncoderBenchmark extends RuntimeState {
  /**
   * The architecture: {@code vit_t}, {@code vit_b}, {@code vit_l}, {@code vit_h}, {@code small}.
   */
  @Param({"vit_t", "vit_b"})
  public String model;

  /** Side of the image in pixels. */
  @Param({"1024", "512"})
  public int size;

  /** To be made by JMH. */
  public ImageEncoderBenchmark() {}

  @Override
  String name() {
    return "encoder " + model + size;
  }

  @Override
  Work work(Contestant contestant) {
    return contestant.imageEncoder(Models.config(model, size));
  }

  /**
   * Encodes an image.
   *
   * @return some values of the result
   */
  @Benchmark
  public float[][] encode() {
    return checked();
  }
}
