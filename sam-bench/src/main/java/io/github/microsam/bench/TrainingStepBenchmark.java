package io.github.microsam.bench;

import io.github.microsam.model.BatchStatistics;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.data.DistanceTargets;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.loss.DistanceLoss;
import io.github.microsam.train.optim.Gradients;
import io.github.microsam.train.optim.Optimizer;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.step.ModelSteps;
import io.github.microsam.train.step.Parameters;
import io.github.microsam.train.step.StepLoss;
import io.github.microsam.train.step.StepTimes;
import io.github.microsam.train.step.Task;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * A training step with its optimizer: one image, a patch of half the size of the encoder's input,
 * of which all weights are trained. Every step has the same prompts, so that all are the same work.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
@Warmup(iterations = 1)
@Measurement(iterations = 3)
public class TrainingStepBenchmark {
  private static final int OBJECTS = 2;
  private static final int SMALLEST = 25;
  private static final double RATE = 1e-5;
  private static final double MILLISECONDS = 1e3;

  /** The architecture. */
  @Param("small")
  public String model;

  /** Side of the encoder's input in pixels. */
  @Param("256")
  public int size;

  /**
   * What is trained: {@code prompts} with two objects in eight sub-iterations, {@code maps} of the
   * decoder for automatic segmentation, or {@code joint}, one step of each.
   */
  @Param({"prompts", "maps", "joint"})
  public String step;

  /** Whether the way back computes again what it reads of the way there. */
  @Param("false")
  public boolean recompute;

  private SamModel sam;
  private SamModel inTraining;
  private ModelSteps steps;
  private Optimizer optimizer;
  private Gradients gradients;
  private List<Set<Task>> tasks;
  private List<Sample> batch;

  /** Where the time of a step goes, in milliseconds. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Parts {
    /** The image encoder. */
    public double encoderForward;

    /** Prompts, decoders and losses, forward and backward. */
    public double decoders;

    /** The image encoder's way back. */
    public double encoderBackward;

    /** The optimizer. */
    public double optimizer;

    /** To be made by JMH. */
    public Parts() {}

    /** Forgets the last step. */
    @Setup(Level.Iteration)
    public void clear() {
      encoderForward = 0;
      decoders = 0;
      encoderBackward = 0;
      optimizer = 0;
    }

    void add(StepTimes times, long optimizerNanoseconds) {
      encoderForward += times.encoderForward() * MILLISECONDS;
      decoders += times.decoders() * MILLISECONDS;
      encoderBackward += times.encoderBackward() * MILLISECONDS;
      optimizer += TimeUnit.NANOSECONDS.toMicros(optimizerNanoseconds) / MILLISECONDS;
    }
  }

  /** To be made by JMH. */
  public TrainingStepBenchmark() {}

  /** Makes the model and the sample. */
  @Setup
  public void open() {
    tasks =
        switch (step) {
          case "prompts" -> List.of(Set.of(Task.PROMPTS));
          case "maps" -> List.of(Set.of(Task.MAPS));
          case "joint" -> List.of(Set.of(Task.PROMPTS), Set.of(Task.MAPS));
          default -> throw new IllegalArgumentException("step '" + step + "'");
        };
    sam = SamModel.random(Models.config(model, size), Contestant.SEED);
    inTraining =
        sam.sharing(
            sam.options()
                .withBatchStatistics(BatchStatistics.BATCH)
                .withEncoderStatistics(BatchStatistics.BATCH)
                .withRecompute(recompute));
    Map<String, INDArray> weights = Parameters.of(inTraining);
    steps =
        new ModelSteps(
            inTraining,
            weights.keySet(),
            new ModelSteps.Settings(
                Optional.of(PromptScheme.defaults().withMaxObjects(OBJECTS)),
                Optional.of(DistanceLoss.defaults()),
                Optional.empty(),
                OBJECTS));
    optimizer = new Optimizer(UpdateRule.AdamW.of(RATE), weights, key -> 1);
    gradients = new Gradients();
    batch = List.of(new DistanceTargets(SMALLEST).addTo(Cells.sample(size / 2)));
  }

  /**
   * Trains on the sample.
   *
   * @param parts take the times
   * @return the loss
   */
  @Benchmark
  public double step(Parts parts) {
    double loss = 0;
    for (Set<Task> task : tasks) {
      StepLoss part = steps.train(batch, task, 0, Contestant.SEED, gradients);
      long start = System.nanoTime();
      optimizer.step(gradients.sums(), 1, RATE);
      gradients.clear();
      parts.add(steps.times(), System.nanoTime() - start);
      loss += part.total();
    }
    if (!Double.isFinite(loss)) {
      throw new IllegalStateException("the loss is " + loss);
    }
    return loss;
  }

  /** Frees the model. */
  @TearDown
  public void close() {
    steps.close();
    optimizer.close();
    gradients.close();
    inTraining.close();
    sam.close();
  }
}
