package io.github.microsam.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Warmup;

/** Prompt encoder and mask decoder: an embedding and points to masks. */
@Warmup(iterations = 3)
@Measurement(iterations = 15)
public class PromptDecoderBenchmark extends RuntimeState {
  /** The architecture; those that are published differ in their encoders only. */
  @Param("vit_t")
  public String model;

  /** Side of the image in pixels. */
  @Param({"1024"})
  public int size;

  /** Prompts at once, of one point each. */
  @Param({"1", "16", "64"})
  public int prompts;

  /** To be made by JMH. */
  public PromptDecoderBenchmark() {}

  @Override
  String name() {
    return "prompts " + model + size + " " + prompts;
  }

  @Override
  Work work(Contestant contestant) {
    return contestant.promptDecoder(Models.config(model, size), prompts);
  }

  /**
   * Decodes prompts.
   *
   * @return some values of the result
   */
  @Benchmark
  public float[][] decode() {
    return checked();
  }
}
