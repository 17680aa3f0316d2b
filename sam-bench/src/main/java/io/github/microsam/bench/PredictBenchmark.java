package io.github.microsam.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Warmup;

/** End to end: an image of 8 bits to the mask of an object in a box. */
@Warmup(iterations = 2)
@Measurement(iterations = 7)
public class PredictBenchmark extends RuntimeState {
  /**
   * The architecture: {@code vit_t}, {@code vit_b}, {@code vit_l}, {@code vit_h}, {@code small}.
   */
  @Param({"vit_t", "vit_b"})
  public String model;

  /** Side of the encoder's input in pixels. */
  @Param("1024")
  public int size;

  /** To be made by JMH. */
  public PredictBenchmark() {}

  @Override
  String name() {
    return "predict " + model + size;
  }

  @Override
  Work work(Contestant contestant) {
    return contestant.predict(Models.config(model, size));
  }

  /**
   * Prepares and encodes an image, decodes a box, and scales the mask up.
   *
   * @return some values of the result
   */
  @Benchmark
  public float[][] predict() {
    return checked();
  }
}
