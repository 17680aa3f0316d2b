package io.github.microsam.bench;

import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.SamPredictor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 200 predictions after 10, four times as what the first may free would hide what it leaves, in a
 * heap of which every page is there from the start: the {@linkplain MemoryProfiler#GROWTH growth}
 * is what they leave in native memory.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch"})
@Warmup(iterations = 1, batchSize = 10)
@Measurement(iterations = 4, batchSize = 200)
public class PredictionMemoryBenchmark {

  /** The architecture. */
  @Param("vit_t")
  public String model;

  /** Side of the encoder's input in pixels. */
  @Param("1024")
  public int size;

  private SamModel sam;
  private SamPredictor predictor;
  private ImageEmbedding embedding;
  private Reference reference;

  /** To be made by JMH. */
  public PredictionMemoryBenchmark() {}

  /** Encodes the image, and segments the object once. */
  @Setup
  public void open() {
    sam = SamModel.random(Models.config(model, size), Contestant.SEED);
    predictor = new SamPredictor(sam);
    embedding = predictor.embed(Cells.image());
    reference =
        Reference.of(
            "prediction " + model + size, values(predictor.predict(embedding, Cells.box())));
  }

  /**
   * Segments an object.
   *
   * @return its mask
   */
  @Benchmark
  public Prediction predict() {
    Prediction prediction = predictor.predict(embedding, Cells.box());
    reference.check(values(prediction));
    return prediction;
  }

  private static float[][] values(Prediction prediction) {
    float[] logits = prediction.lowResLogits().values();
    return new float[][] {
      Work.sample(logits.length, i -> logits[(int) i]), {prediction.iouPrediction()}
    };
  }

  /** Frees the model. */
  @TearDown
  public void close() {
    sam.close();
  }
}
