package io.github.microsam.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Warmup;

/** The decoder for automatic segmentation: an embedding to three maps. */
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
