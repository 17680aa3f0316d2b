package io.github.microsam.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.SamModel;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.data.BatchSource;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.optim.Schedule;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.step.Parameters;
import io.github.microsam.weights.VitConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a step does to the weights, and what is written of them. */
class TrainerStepsTest {
  private static final double RATE = 0.125;

  /** Plain steps along the gradient, so that a change of the weights tells it. */
  private static final TrainingOptions PLAIN =
      TrainingOptions.defaults()
          .withScheme(Scheme.Automatic.defaults())
          .withRule(new UpdateRule.Sgd(RATE, 0, 0))
          .withSchedule(new Schedule.Constant())
          .withEpochs(1);

  @TempDir private Path folder;
  private Path output;

  @BeforeEach
  void nameOutput() {
    output = folder.resolve("m.safetensors");
  }

  private static SamModel model() {
    return SamModel.random(
        SmallTraining.config(new VitConfig(64, 16, 16, 2, 2, 32, 2, List.of(1), 16)), 3);
  }

  private static BatchSource only(int index) {
    return source(1, i -> Discs.of(2).batch(0, index));
  }

  private interface Batch {
    List<Sample> get(int index);
  }

  private static BatchSource source(int batches, Batch batch) {
    return new BatchSource() {
      @Override
      public int batches() {
        return batches;
      }

      @Override
      public List<Sample> batch(int epoch, int index) {
        return batch.get(index);
      }
    };
  }

  private static Map<String, float[]> weights(SamModel model) {
    Map<String, float[]> copy = new TreeMap<>();
    Parameters.of(model).forEach((key, array) -> copy.put(key, NativeFloats.read(array)));
    return copy;
  }

  private static float[] joined(Map<String, float[]> weights) {
    float[] all = new float[weights.values().stream().mapToInt(w -> w.length).sum()];
    int at = 0;
    for (float[] w : weights.values()) {
      System.arraycopy(w, 0, all, at, w.length);
      at += w.length;
    }
    return all;
  }

  /** How a training changes all weights, and the norm of the gradient that it tells. */
  private double[] change(TrainingOptions options, BatchSource batches, List<Double> norms) {
    try (SamModel model = model();
        Trainer trainer = new Trainer(model, options, batches, only(0), output)) {
      float[] before = joined(weights(model));
      trainer.run(
          new TrainingListener() {
            @Override
            public void step(StepReport report) {
              norms.add(report.gradientNorm());
            }
          });
      float[] after = joined(weights(model));
      double[] change = new double[before.length];
      Arrays.setAll(change, i -> (double) after[i] - before[i]);
      return change;
    }
  }

  private double[] change(TrainingOptions options, BatchSource batches) {
    return change(options, batches, new ArrayList<>());
  }

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
  }

  private static void assertNear(double[] expected, double[] actual) {
    double[] difference = new double[expected.length];
    Arrays.setAll(difference, i -> expected[i] - actual[i]);
    assertTrue(
        norm(difference) < 1e-3 * norm(expected),
        norm(difference) + " beside a step of " + norm(expected));
  }

  @Test
  void clippingScalesTheStep() {
    double[] whole = change(PLAIN, only(0));
    double gradient = norm(whole) / RATE;
    double limit = gradient / 4;
    List<Double> norms = new ArrayList<>();
    double[] clipped = change(PLAIN.withClipNorm(limit), only(0), norms);
    assertEquals(gradient, norms.get(0), 1e-3 * gradient, "the norm before it is clipped");
    assertEquals(RATE * limit, norm(clipped), 1e-3 * RATE * limit);
    assertNear(Arrays.stream(whole).map(v -> v / 4).toArray(), clipped);
    assertNear(whole, change(PLAIN.withClipNorm(2 * gradient), only(0)));
  }

  @Test
  void accumulationAveragesGradients() {
    double[] first = change(PLAIN, only(0));
    double[] second = change(PLAIN, only(1));
    double[] mean = new double[first.length];
    Arrays.setAll(mean, i -> (first[i] + second[i]) / 2);
    assertTrue(norm(first) != norm(second));
    assertNear(mean, change(PLAIN.withAccumulation(2), Discs.of(2)));
  }

  @Test
  void theSavedModelIsTheAverage() {
    Map<String, float[]> last;
    try (SamModel model = model();
        Trainer trainer =
            new Trainer(model, PLAIN.withAverageDecay(0.9), Discs.of(3), only(0), output)) {
      trainer.run(TrainingListener.NONE);
      last = weights(model);
    }
    TrainingState state = TrainingState.read(Trainer.stateFile(output));
    try (SamModel saved = SamModel.load(output)) {
      Map<String, float[]> written = weights(saved);
      assertFalse(Arrays.equals(joined(last), joined(written)));
      Map<String, INDArray> average = state.group("average");
      Map<String, INDArray> weights = state.group("weights");
      assertFalse(weights.isEmpty());
      weights.forEach(
          (key, array) -> {
            assertArrayEquals(last.get(key), NativeFloats.read(array), key);
            assertArrayEquals(NativeFloats.read(average.get(key)), written.get(key), key);
          });
    }
    state.arrays().values().forEach(INDArray::close);
  }

  /** A validation that is easy once, so that the first epoch stays the best. */
  @Test
  void theFileHoldsTheBestEpochsWeights() {
    List<Sample> hard = Discs.of(1).batch(0, 0);
    List<Sample> easy = new ArrayList<>();
    for (Sample s : hard) {
      float[] ones = new float[s.targets().length];
      Arrays.fill(ones, 1);
      easy.add(new Sample(s.width(), s.height(), s.image(), s.labels(), ones));
    }
    int[] calls = new int[1];
    BatchSource validation = source(1, i -> calls[0]++ == 0 ? easy : hard);
    List<Map<String, float[]>> epochs = new ArrayList<>();
    TrainingResult result;
    try (SamModel model = model();
        Trainer trainer =
            new Trainer(model, PLAIN.withEpochs(3), Discs.of(1), validation, output)) {
      result =
          trainer.run(
              new TrainingListener() {
                @Override
                public void validated(EpochReport report) {
                  epochs.add(weights(model));
                  assertEquals(report.epoch() == 0, report.best());
                }
              });
    }
    assertEquals(0, result.bestEpoch());
    try (SamModel saved = SamModel.load(output)) {
      assertArrayEquals(joined(epochs.get(0)), joined(weights(saved)));
    }
    assertFalse(Arrays.equals(joined(epochs.get(0)), joined(epochs.get(2))));
  }

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private void crashInThirdBatch(TrainingOptions options) {
    try (SamModel model = model();
        Trainer trainer = new Trainer(model, options, Discs.of(5), only(0), output)) {
      assertThrows(
          Crash.class,
          () ->
              trainer.run(
                  new TrainingListener() {
                    @Override
                    public void step(StepReport report) {
                      if (report.iteration() == 3) {
                        throw new Crash();
                      }
                    }
                  }));
    }
  }

  @Test
  void theStateIsSavedWithinAnEpochWhereThatIsAskedFor() {
    Path file = Trainer.stateFile(output);
    crashInThirdBatch(PLAIN);
    assertFalse(Files.exists(file));
    crashInThirdBatch(PLAIN.withSaveEvery(2));
    TrainingState state = TrainingState.read(file);
    assertEquals(2, state.place().iteration());
    state.arrays().values().forEach(INDArray::close);
    try (SamModel model = model();
        Trainer trainer =
            new Trainer(model, PLAIN.withSaveEvery(2), Discs.of(5), only(0), output)) {
      trainer.resume();
      assertEquals(2, trainer.summary().done());
      assertEquals(5, trainer.run(TrainingListener.NONE).iterations());
    }
  }

  @Test
  void theOptimizerHasAStateOfTrainedParametersOnly() {
    PromptScheme prompts = PromptScheme.defaults().withSubIterations(2).withMaxObjects(2);
    TrainingOptions options =
        TrainingOptions.defaults()
            .withScheme(new Scheme.Interactive(prompts))
            .withTuning(new Tuning.Blocks(List.of(1)))
            .withFrozen(Set.of(ModelPart.PROMPT_ENCODER))
            .withEpochs(1);
    Set<String> trained;
    try (SamModel model = model();
        Trainer trainer = new Trainer(model, options, Discs.of(2), only(0), output)) {
      trained = ParameterSelection.of(model, options).keySet();
      assertNotEquals(Parameters.of(model).keySet(), trained);
      trainer.run(TrainingListener.NONE);
    }
    TrainingState state = TrainingState.read(Trainer.stateFile(output));
    assertEquals(trained, state.group("weights").keySet());
    Set<String> moments = state.group("optimizer").keySet();
    assertEquals(trained, moments.stream().map(k -> k.substring(2)).collect(Collectors.toSet()));
    assertEquals(2 * trained.size(), moments.size(), "two moments of each");
    assertTrue(
        trained.stream()
            .allMatch(
                k -> k.startsWith("image_encoder.blocks.1.") || k.startsWith("mask_decoder.")));
    state.arrays().values().forEach(INDArray::close);
  }
}
