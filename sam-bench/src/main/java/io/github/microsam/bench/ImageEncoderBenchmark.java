package io.github.microsam.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Warmup;

/** The image encoder: an image that is prepared to its embedding. */
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
