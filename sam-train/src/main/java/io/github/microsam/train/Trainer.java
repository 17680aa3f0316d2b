package io.github.microsam.train;

import io.github.microsam.model.BatchStatistics;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.data.BatchSource;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.optim.Gradients;
import io.github.microsam.train.optim.LearningRate;
import io.github.microsam.train.optim.MovingAverage;
import io.github.microsam.train.optim.Optimizer;
import io.github.microsam.train.step.ModelSteps;
import io.github.microsam.train.step.Parameters;
import io.github.microsam.train.step.StepLoss;
import io.github.microsam.train.step.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Trains a model.
 *
 * <pre>{@code
 * try (Trainer trainer = new Trainer(model, TrainingOptions.defaults(), training, validation, output)) {
 *   TrainingResult result = trainer.run(TrainingListener.NONE);
 * }
 * }</pre>
 *
 * <p>The weights of the model are changed in place, and the counters of its batch norms advance.
 * The model of the best validation is saved as the output; the state of the training beside it,
 * after every epoch and when it is stopped, so that {@link #resume()} goes on as if there had been
 * no interruption, bit for bit on the same machine with the same number of threads.
 *
 * <p>One thread trains; others may call {@link #stop()}.
 */
public final class Trainer implements AutoCloseable {
  private static final double CLIP_EPSILON = 1e-6; // of torch's clip_grad_norm_

  /** Options that may be others when a training is resumed. */
  private static final Set<String> CHANGEABLE =
      Set.of("epochs", "maxIterations", "patience", "saveEvery", "decoderObjects");

  private final SamModel model;
  private final SamModel inTraining;
  private final TrainingOptions options;
  private final BatchSource training;
  private final BatchSource validation;
  private final Path output;
  private final String start;
  private final Map<String, INDArray> trained;
  private final Map<String, INDArray> averaged;
  private final List<Set<Task>> passes;
  private final ModelSteps steps;
  private final Optimizer optimizer;
  private final Optional<MovingAverage> average;
  private final List<Gradients> sums;
  private final LearningRate rate;
  private TrainingState.Place place;
  private TrainingState.EpochLoss epochLoss = TrainingState.EpochLoss.NONE;
  private int pending;
  private double norm;
  private volatile boolean stopped;

  /**
   * A trainer of a model.
   *
   * @param model whose weights are changed; stays the caller's
   * @param options what is trained and how
   * @param training batches to train on
   * @param validation batches by which epochs are compared
   * @param output where the best model goes: {@code .safetensors}, {@code .pt} or {@code .pth}; the
   *     state goes beside it
   * @throws TrainingException if the options do not fit the model
   */
  public Trainer(
      SamModel model,
      TrainingOptions options,
      BatchSource training,
      BatchSource validation,
      Path output) {
    this.model = model;
    this.options = options;
    this.training = training;
    this.validation = validation;
    this.output = output;
    start = model.fingerprint();
    trained = ParameterSelection.of(model, options);
    boolean encoderTrained =
        trained.keySet().stream().anyMatch(k -> ModelPart.of(k) == ModelPart.IMAGE_ENCODER);
    inTraining =
        model.sharing(
            model
                .options()
                .withBatchStatistics(BatchStatistics.BATCH)
                .withEncoderStatistics(
                    encoderTrained ? BatchStatistics.BATCH : BatchStatistics.RUNNING)
                .withDropout(ParameterSelection.dropout(options.tuning())));
    passes = passes(options.scheme());
    steps = new ModelSteps(inTraining, trained.keySet(), stepSettings());
    optimizer =
        new Optimizer(
            options.rule(), trained, key -> ParameterSelection.rateFactor(key, options.tuning()));
    averaged = new LinkedHashMap<>(trained);
    averaged.putAll(Parameters.runningStatistics(inTraining));
    average =
        options.averageDecay() == 0
            ? Optional.empty()
            : Optional.of(new MovingAverage(options.averageDecay(), averaged));
    Gradients shared = new Gradients();
    sums =
        passes.stream().map(p -> options.accumulation() == 1 ? shared : new Gradients()).toList();
    rate =
        new LearningRate(
            options.schedule(),
            options.rule().learningRate(),
            (iterations() + options.accumulation() - 1) / options.accumulation());
    place = TrainingState.Place.start(rate.state());
  }

  private static List<Set<Task>> passes(Scheme scheme) {
    if (scheme instanceof Scheme.Joint joint) {
      return joint.update() == Scheme.Update.ONE_STEP
          ? List.of(Set.of(Task.PROMPTS, Task.MAPS))
          : List.of(Set.of(Task.PROMPTS), Set.of(Task.MAPS));
    } else if (scheme instanceof Scheme.Interactive) {
      return List.of(Set.of(Task.PROMPTS));
    }
    return List.of(Set.of(scheme instanceof Scheme.Automatic ? Task.MAPS : Task.CLASSES));
  }

  private ModelSteps.Settings stepSettings() {
    int objects = options.decoderObjects();
    if (options.scheme() instanceof Scheme.Joint joint) {
      return new ModelSteps.Settings(
          Optional.of(joint.prompts()), Optional.of(joint.loss()), Optional.empty(), objects);
    } else if (options.scheme() instanceof Scheme.Interactive interactive) {
      return new ModelSteps.Settings(
          Optional.of(interactive.prompts()), Optional.empty(), Optional.empty(), objects);
    } else if (options.scheme() instanceof Scheme.Automatic automatic) {
      return new ModelSteps.Settings(
          Optional.empty(), Optional.of(automatic.loss()), Optional.empty(), objects);
    }
    Scheme.Semantic semantic = (Scheme.Semantic) options.scheme();
    int outputs = model.config().maskDecoder().multimaskOutputs();
    if (semantic.classes() != 0 && semantic.classes() != outputs) {
      throw new TrainingException(
          "there are %d classes, but the model's mask decoder has %d outputs"
              .formatted(semantic.classes(), outputs));
    }
    return new ModelSteps.Settings(
        Optional.empty(), Optional.empty(), Optional.of(semantic.loss()), objects);
  }

  /**
   * Batches of the whole training, unless it ends early. A bound by {@link
   * TrainingOptions#maxIterations} within batches that make one optimizer step together takes all
   * of them in: a training that goes on from there is the same as one without the bound.
   *
   * @return 1 or more
   */
  public long iterations() {
    long all = (long) options.epochs() * training.batches();
    long most = options.maxIterations();
    if (most == 0 || most >= all) {
      return all;
    }
    long within = most % training.batches();
    long group = options.accumulation();
    long completed = Math.min(training.batches(), (within + group - 1) / group * group);
    return most - within + completed;
  }

  /**
   * What will be trained.
   *
   * @return the description, before or after the training
   */
  public TrainingSummary summary() {
    return TrainingSummary.of(
        model,
        trained,
        options,
        passes.size(),
        training.batches(),
        iterations(),
        place.iteration());
  }

  /**
   * Memory for the intermediate results of a batch at its most: beside {@link
   * TrainingSummary#bytes} what a training needs in native memory.
   *
   * @param taken whether it is taken for the training that comes, or only told
   * @return bytes
   * @throws io.github.microsam.engine.PlanTooLargeException if it is taken and there is not as much
   */
  public long intermediateBytes(boolean taken) {
    int index = place.index() < training.batches() ? place.index() : 0;
    return steps.arenaBytes(training.batch(place.epoch(), index).size(), taken);
  }

  /**
   * Where the state of a training is kept.
   *
   * @param output where its best model goes
   * @return a file beside it, with the ending {@code .state.safetensors}
   */
  public static Path stateFile(Path output) {
    String name = output.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return output.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ".state.safetensors");
  }

  /**
   * Goes to where an earlier training with this output, model, options and data was. Epochs, the
   * largest number of batches, patience, and what changes no weight may be others. Longer schedules
   * of warm-up and cosine then have other rates from here on.
   *
   * @throws TrainingException if there is none, or its model, options or data were others; the
   *     message names what differs
   */
  public void resume() {
    Path file = stateFile(output);
    if (!Files.exists(file)) {
      throw new TrainingException(
          "There is no training to resume: " + file + " does not exist. Begin without resuming.");
    }
    TrainingState state = TrainingState.read(file);
    try {
      if (!state.start().equals(start)) {
        throw new TrainingException(
            file + " belongs to a training that began with another model; name that one");
      }
      requireSame(file, state);
      state.group("weights").forEach((key, array) -> trained.get(key).assign(array));
      Map<String, INDArray> statistics = Parameters.runningStatistics(inTraining);
      state.group("statistics").forEach((key, array) -> statistics.get(key).assign(array));
      model.batchCounters().restore(state.batches());
      optimizer.restore(state.group("optimizer"), state.updates());
      average.ifPresent(a -> a.restore(state.group("average"), state.place().averageUpdates()));
      rate.restore(state.place().rate());
      place = state.place();
      epochLoss = state.epochLoss();
    } finally {
      state.arrays().values().forEach(INDArray::close);
    }
  }

  private void requireSame(Path file, TrainingState state) {
    List<String> differences =
        new ArrayList<>(
            SettingsText.differences(comparable(state.options()), comparable(options.toString())));
    Map<String, String> now = settings();
    state
        .settings()
        .forEach(
            (name, text) ->
                differences.addAll(
                    SettingsText.differences(
                        SettingsText.values(name, text),
                        SettingsText.values(name, now.getOrDefault(name, text)))));
    if (differences.isEmpty() && state.place().index() >= training.batches()) {
      differences.add(
          "%d batches of an epoch were done, it has %d"
              .formatted(state.place().index(), training.batches()));
    }
    if (!differences.isEmpty()) {
      throw new TrainingException(
          "%s was trained with other options or data:%n  %s%nUse the same, or begin anew."
              .formatted(file, String.join(System.lineSeparator() + "  ", differences)));
    }
  }

  /** Options by name, without those that a resumed training may change. */
  private static Map<String, String> comparable(String options) {
    Map<String, String> values = SettingsText.values("", options);
    values.keySet().removeAll(CHANGEABLE);
    values.computeIfPresent("frozen", (name, parts) -> sorted(parts)); // once in any order
    return values;
  }

  private static String sorted(String list) {
    return Stream.of(list.substring(1, list.length() - 1).split(", ", -1))
        .sorted()
        .toList()
        .toString();
  }

  /** What training depends on beside the options. */
  private Map<String, String> settings() {
    Map<String, String> all = new TreeMap<>();
    all.put("precision", model.options().precision().toString());
    all.put("batches of an epoch", Integer.toString(training.batches()));
    training.settings().forEach((name, text) -> all.put("training " + name, text));
    validation.settings().forEach((name, text) -> all.put("validation " + name, text));
    return all;
  }

  /** Asks the training to save its state and end after the step at hand. */
  public void stop() {
    stopped = true;
  }

  /**
   * Trains until the end, or until it is stopped.
   *
   * @param listener is told how it goes
   * @return how it ended
   * @throws TrainingException if the loss is no finite number any more
   */
  public TrainingResult run(TrainingListener listener) {
    while (place.iteration() < iterations()) {
      trainBatch(listener);
      if (place.index() == training.batches()) {
        endEpoch(listener, true);
        if (options.patience() > 0 && place.epoch() - 1 - place.bestEpoch() > options.patience()) {
          return result(TrainingResult.End.NO_IMPROVEMENT);
        }
      } else if (place.iteration() == iterations()) {
        endEpoch(listener, false);
      } else if (pending == 0
          && options.saveEvery() > 0
          && place.iteration() % options.saveEvery() < options.accumulation()) {
        saveState();
      }
      if (stopped && pending == 0 && place.iteration() < iterations()) {
        saveState();
        return result(TrainingResult.End.STOPPED);
      }
    }
    return result(TrainingResult.End.DONE);
  }

  private TrainingResult result(TrainingResult.End end) {
    return new TrainingResult(end, place.iteration(), place.bestMetric(), place.bestEpoch());
  }

  private void trainBatch(TrainingListener listener) {
    List<Sample> batch = training.batch(place.epoch(), place.index());
    boolean last = place.index() + 1 == training.batches() || place.iteration() + 1 == iterations();
    pending++;
    boolean update = pending == options.accumulation() || last;
    double used = rate.at(place.steps());
    StepLoss loss = StepLoss.NONE;
    for (int i = 0; i < passes.size(); i++) {
      StepLoss part =
          steps.train(batch, passes.get(i), place.iteration(), options.seed(), sums.get(i));
      loss = loss.plus(part, 1);
      requireFinite(loss);
      if (update) {
        step(sums.get(i), used);
      }
    }
    if (update) {
      pending = 0;
      average.ifPresent(MovingAverage::update);
    }
    TrainingState.Place p = place;
    place =
        new TrainingState.Place(
            p.epoch(),
            p.index() + 1,
            p.iteration() + 1,
            p.steps() + (update ? 1 : 0),
            average.map(MovingAverage::updates).orElse(0L),
            p.bestMetric(),
            p.bestEpoch(),
            rate.state());
    epochLoss = epochLoss.plus(loss);
    listener.step(
        new TrainingListener.StepReport(
            p.epoch(), place.iteration(), iterations(), loss, used, norm));
  }

  private void requireFinite(StepLoss loss) {
    if (!Double.isFinite(loss.total())) {
      throw new TrainingException(
          "The loss of batch %d of epoch %d is %s. Use a smaller learning rate, clip gradients, or look for images of odd values; the last saved state can be resumed."
              .formatted(place.index() + 1, place.epoch() + 1, loss.total()));
    }
  }

  private void step(Gradients gradients, double learningRate) {
    double scale = 1.0 / pending;
    if (options.clipNorm() > 0) {
      norm = gradients.norm() * scale;
      scale *= Math.min(1, options.clipNorm() / (norm + CLIP_EPSILON));
    }
    optimizer.step(gradients.sums(), scale, learningRate);
    gradients.clear();
  }

  /**
   * Validates.
   *
   * @param finished whether all batches of the epoch are done. If not, the training ends within it,
   *     and goes on there if it is resumed for more: the schedule takes no notice of this
   *     validation
   */
  private void endEpoch(TrainingListener listener, boolean finished) {
    average.ifPresent(MovingAverage::exchange);
    StepLoss validated = validate();
    double metric = validated.metric();
    boolean best = metric < place.bestMetric();
    if (best) {
      model.save(output);
    }
    if (finished) {
      rate.validated(metric);
    }
    TrainingState.Place p = place;
    place =
        new TrainingState.Place(
            finished ? p.epoch() + 1 : p.epoch(),
            finished ? 0 : p.index(),
            p.iteration(),
            p.steps(),
            p.averageUpdates(),
            best ? metric : p.bestMetric(),
            best ? p.epoch() : p.bestEpoch(),
            rate.state());
    StepLoss mean = epochLoss.mean();
    if (finished) {
      epochLoss = TrainingState.EpochLoss.NONE;
    }
    listener.validated(
        new TrainingListener.EpochReport(
            p.epoch(), p.iteration(), mean, validated, metric, best, rate.at(p.steps())));
    average.ifPresent(MovingAverage::exchange);
    saveState();
  }

  /** Mean losses over the validation, with statistics as inference has them. */
  private StepLoss validate() {
    try (SamModel view = model.sharing(model.options());
        ModelSteps inference = new ModelSteps(view, Set.of(), stepSettings())) {
      StepLoss sum = StepLoss.NONE;
      for (int i = 0; i < validation.batches(); i++) {
        sum =
            sum.plus(
                inference.validate(validation.batch(0, i), i, options.seed()),
                1.0 / validation.batches());
      }
      return sum;
    }
  }

  private void saveState() {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    trained.forEach((key, array) -> arrays.put("weights/" + key, array));
    Parameters.runningStatistics(inTraining)
        .forEach((key, array) -> arrays.put("statistics/" + key, array));
    optimizer.state().forEach((key, array) -> arrays.put("optimizer/" + key, array));
    average.ifPresent(
        a -> a.averages().forEach((key, array) -> arrays.put("average/" + key, array)));
    new TrainingState(
            start,
            options.toString(),
            settings(),
            place,
            epochLoss,
            arrays,
            optimizer.steps(),
            model.batchCounters().counts())
        .save(stateFile(output));
  }

  /** Frees what the training needed; the model stays open. */
  @Override
  public void close() {
    steps.close();
    optimizer.close();
    average.ifPresent(MovingAverage::close);
    sums.forEach(Gradients::close);
    inTraining.close();
  }
}
