package io.github.microsam.train;

import io.github.microsam.train.optim.LearningRate;
import io.github.microsam.train.step.InteractiveLoss;
import io.github.microsam.train.step.StepLoss;
import io.github.microsam.weights.Checkpoint;
import io.github.microsam.weights.CheckpointReader;
import io.github.microsam.weights.CheckpointWriter;
import io.github.microsam.weights.DType;
import io.github.microsam.weights.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a resumed training has to know, in one safetensors file that is replaced as a whole: all
 * arrays that training changes, and the numbers that tell where it is. What is random follows from
 * the options' seed and these numbers.
 *
 * @param start fingerprint of the model that the training began with
 * @param options the options in words
 * @param settings what else batches and arithmetic depend on, in words by name; empty if an older
 *     version wrote the file
 * @param place where the training is
 * @param epochLoss losses of the epoch at hand; none if an older version wrote the file
 * @param arrays by {@code <group>/<key>}
 * @param updates how often the optimizer updated each parameter
 * @param batches how many batches each batch norm has counted; empty in files of versions that did
 *     not count
 */
record TrainingState(
    String start,
    String options,
    Map<String, String> settings,
    Place place,
    EpochLoss epochLoss,
    Map<String, INDArray> arrays,
    Map<String, Long> updates,
    Map<String, Long> batches) {
  private static final String PREFIX = "microsam.training.";
  private static final String SETTING = PREFIX + "setting.";
  private static final String VERSION = "1";

  /**
   * Where a training is.
   *
   * @param epoch the epoch that comes next or goes on
   * @param index its batch that comes next
   * @param iteration batches so far
   * @param steps optimizer steps so far
   * @param averageUpdates updates of the moving average so far
   * @param bestMetric smallest so far
   * @param bestEpoch the epoch that had it
   * @param rate where the schedule is
   */
  record Place(
      int epoch,
      int index,
      long iteration,
      long steps,
      long averageUpdates,
      double bestMetric,
      int bestEpoch,
      LearningRate.State rate) {
    static Place start(LearningRate.State rate) {
      return new Place(0, 0, 0, 0, 0, Double.POSITIVE_INFINITY, -1, rate);
    }

    private List<Object> values() {
      return List.of(
          epoch,
          index,
          iteration,
          steps,
          averageUpdates,
          bestMetric,
          bestEpoch,
          rate.rate(),
          rate.best(),
          rate.badEpochs());
    }

    private String toText() {
      return String.join(" ", values().stream().map(Object::toString).toList());
    }

    private static Place of(String text) {
      String[] v = text.split(" ", -1);
      return new Place(
          Integer.parseInt(v[0]),
          Integer.parseInt(v[1]),
          Long.parseLong(v[2]),
          Long.parseLong(v[3]),
          Long.parseLong(v[4]),
          Double.parseDouble(v[5]),
          Integer.parseInt(v[6]),
          new LearningRate.State(
              Double.parseDouble(v[7]), Double.parseDouble(v[8]), Integer.parseInt(v[9])));
    }
  }

  /**
   * Losses of an epoch that is not finished.
   *
   * @param sum over its batches so far
   * @param batches how many they are
   */
  record EpochLoss(StepLoss sum, int batches) {
    static final EpochLoss NONE = new EpochLoss(StepLoss.NONE, 0);

    EpochLoss plus(StepLoss loss) {
      return new EpochLoss(sum.plus(loss, 1), batches + 1);
    }

    StepLoss mean() {
      return StepLoss.NONE.plus(sum, 1.0 / Math.max(1, batches));
    }

    private String toText() {
      InteractiveLoss p = sum.prompts();
      return String.join(
          " ",
          Stream.of(batches, p.mask(), p.iou(), p.meanIou(), p.objects(), sum.maps(), sum.classes())
              .map(Object::toString)
              .toList());
    }

    private static EpochLoss of(String text) {
      String[] v = text.split(" ", -1);
      return new EpochLoss(
          new StepLoss(
              new InteractiveLoss(
                  Double.parseDouble(v[1]),
                  Double.parseDouble(v[2]),
                  Double.parseDouble(v[3]),
                  Integer.parseInt(v[4])),
              Double.parseDouble(v[5]),
              Double.parseDouble(v[6])),
          Integer.parseInt(v[0]));
    }
  }

  /** Writes the file, beside an older one and into its place. */
  void save(Path file) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(PREFIX + "version", VERSION);
    metadata.put(PREFIX + "start", start);
    metadata.put(PREFIX + "options", options);
    settings.forEach((name, text) -> metadata.put(SETTING + name, text));
    metadata.put(PREFIX + "place", place.toText());
    metadata.put(PREFIX + "epochLoss", epochLoss.toText());
    metadata.put(PREFIX + "updates", toText(updates));
    metadata.put(PREFIX + "batches", toText(batches));
    List<Tensor> tensors = new ArrayList<>();
    arrays.forEach((key, array) -> tensors.add(tensor(key, array)));
    CheckpointWriter.write(file, tensors, metadata);
  }

  private static String toText(Map<String, Long> counts) {
    StringBuilder lines = new StringBuilder();
    counts.forEach((key, count) -> lines.append(count).append(' ').append(key).append('\n'));
    return lines.toString();
  }

  private static Map<String, Long> counts(String text) {
    Map<String, Long> counts = new LinkedHashMap<>();
    text.lines()
        .forEach(
            line -> {
              int space = line.indexOf(' ');
              counts.put(line.substring(space + 1), Long.valueOf(line.substring(0, space)));
            });
    return counts;
  }

  private static Tensor tensor(String key, INDArray array) {
    return Tensor.of(
        key,
        DType.F32,
        array.shape(),
        new BytePointer(array.data().pointer()).capacity(4 * array.length()).asBuffer());
  }

  /** Reads a file; the caller closes the arrays. */
  static TrainingState read(Path file) {
    try (Checkpoint checkpoint = CheckpointReader.open(file)) {
      Map<String, String> metadata = checkpoint.metadata();
      if (!VERSION.equals(metadata.get(PREFIX + "version"))) {
        throw new TrainingException(
            file
                + " is no state of a training that this version can resume; begin anew, or resume"
                + " with the version that wrote it");
      }
      Map<String, INDArray> arrays = new LinkedHashMap<>();
      checkpoint
          .tensors()
          .forEach((key, t) -> arrays.put(key, Nd4j.create(t.toFloats(), t.shape(), 'c')));
      return new TrainingState(
          metadata.get(PREFIX + "start"),
          metadata.get(PREFIX + "options"),
          settings(metadata),
          Place.of(metadata.get(PREFIX + "place")),
          Optional.ofNullable(metadata.get(PREFIX + "epochLoss"))
              .map(EpochLoss::of)
              .orElse(EpochLoss.NONE),
          arrays,
          counts(metadata.get(PREFIX + "updates")),
          counts(metadata.getOrDefault(PREFIX + "batches", "")));
    }
  }

  private static Map<String, String> settings(Map<String, String> metadata) {
    Map<String, String> settings = new LinkedHashMap<>();
    metadata.forEach(
        (key, text) -> {
          if (key.startsWith(SETTING)) {
            settings.put(key.substring(SETTING.length()), text);
          }
        });
    return settings;
  }

  /** The arrays of a group, by key. */
  Map<String, INDArray> group(String name) {
    Map<String, INDArray> group = new LinkedHashMap<>();
    arrays.forEach(
        (key, array) -> {
          if (key.startsWith(name + "/")) {
            group.put(key.substring(name.length() + 1), array);
          }
        });
    return group;
  }
}
