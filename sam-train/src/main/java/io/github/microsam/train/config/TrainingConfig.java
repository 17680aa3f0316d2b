package io.github.microsam.train.config;

import io.github.microsam.train.Scheme;
import io.github.microsam.train.TrainingOptions;
import io.github.microsam.train.Tuning;
import io.github.microsam.train.data.Augmentation;
import io.github.microsam.train.data.BatchSource;
import io.github.microsam.train.data.DatasetOptions;
import io.github.microsam.train.data.FixedBatches;
import io.github.microsam.train.data.PatchBatches;
import io.github.microsam.train.data.PatchOptions;
import io.github.microsam.train.data.TrainingTargets;
import io.github.microsam.train.loss.MapLoss;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * All that a configuration file says about a training. Immutable.
 *
 * @param preset name of the machine's {@link MachinePreset}, or {@code none}; what a file says
 *     itself comes first
 * @param model name of a published model, or a checkpoint file, that training starts from
 * @param data the images
 * @param patches what is cut out of them
 * @param augmentation how patches are varied
 * @param targets what a decoder for automatic segmentation learns
 * @param loading how patches become batches
 * @param computing how networks are computed
 * @param training what is trained and how
 */
public record TrainingConfig(
    String preset,
    String model,
    DataConfig data,
    PatchOptions patches,
    Augmentation augmentation,
    MapTargets targets,
    LoadingConfig loading,
    ComputingConfig computing,
    TrainingOptions training) {

  private static final String AUTO = "auto";
  private static final String NONE = "none";

  /** What the records of others start from where a file names them without all of their keys. */
  private static final Map<Class<?>, Object> STARTS =
      Map.of(
          Tuning.LoRa.class, Tuning.LoRa.of(4),
          Tuning.FacT.class, Tuning.FacT.of(4),
          Tuning.ScaleShift.class, new Tuning.ScaleShift(List.of()),
          Tuning.AdaptFormer.class, new Tuning.AdaptFormer(64, List.of()),
          Tuning.AttentionOnly.class, new Tuning.AttentionOnly(List.of()),
          Tuning.BiasOnly.class, new Tuning.BiasOnly(List.of()),
          Tuning.LayerNormOnly.class, new Tuning.LayerNormOnly(List.of()),
          UpdateRule.Adam.class, UpdateRule.Adam.of(1e-5),
          UpdateRule.AdamW.class, UpdateRule.AdamW.of(1e-5),
          Scheme.Interactive.class, new Scheme.Interactive(PromptScheme.defaults()));

  /**
   * Checks that the loss of maps is one for the targets.
   *
   * @param preset of the machine
   * @param model that training starts from
   * @param data the images
   * @param patches what is cut out of them
   * @param augmentation how patches are varied
   * @param targets what a decoder for automatic segmentation learns
   * @param loading how patches become batches
   * @param computing how networks are computed
   * @param training what is trained and how
   * @throws IllegalArgumentException if it is not
   */
  public TrainingConfig {
    Optional<MapLoss> loss = mapLoss(training.scheme());
    int channels = targets.of(patches.minSize()).channels();
    if (loss.isPresent() && !loss.get().fits(targets.maps(), channels)) {
      throw new IllegalArgumentException(
          "targets are %s, which %s is not for; leave the loss out, or choose %s"
              .formatted(
                  Names.written(targets),
                  Names.written(loss.get().getClass()),
                  targets == MapTargets.AFFINITIES
                      ? "maskedLoss: {loss: binaryCrossEntropy}"
                      : "binaryCrossEntropy"));
    }
  }

  private static Optional<MapLoss> mapLoss(Scheme scheme) {
    return scheme instanceof Scheme.Joint joint
        ? Optional.of(joint.loss())
        : scheme instanceof Scheme.Automatic automatic
            ? Optional.of(automatic.loss())
            : Optional.empty();
  }

  /**
   * micro-sam's training of vit_b, with patches of 512 × 512 pixels.
   *
   * @return the defaults, before any preset
   */
  public static TrainingConfig defaults() {
    return new TrainingConfig(
        NONE,
        "vit_b",
        DataConfig.defaults(),
        PatchOptions.square(512),
        Augmentation.mirrored(),
        MapTargets.DISTANCES,
        LoadingConfig.defaults(),
        ComputingConfig.defaults(),
        TrainingOptions.defaults());
  }

  /**
   * A preset's model, numbers of objects and sub-iterations, tuning, and recomputation.
   *
   * @param machine the preset
   * @return a copy
   */
  public TrainingConfig withPreset(MachinePreset machine) {
    TrainingOptions options = training.withTuning(machine.tuning());
    if (options.scheme() instanceof Scheme.Joint joint) {
      options =
          options.withScheme(
              new Scheme.Joint(fitted(joint.prompts(), machine), joint.loss(), joint.update()));
    } else if (options.scheme() instanceof Scheme.Interactive interactive) {
      options = options.withScheme(new Scheme.Interactive(fitted(interactive.prompts(), machine)));
    }
    return new TrainingConfig(
        machine.written(),
        machine.model(),
        data,
        patches,
        augmentation,
        targets,
        loading,
        new ComputingConfig(computing.precision(), machine.recompute()),
        options);
  }

  private static PromptScheme fitted(PromptScheme prompts, MachinePreset machine) {
    return prompts.withMaxObjects(machine.objects()).withSubIterations(machine.subIterations());
  }

  /**
   * The same with another model.
   *
   * @param model name of a published model, or a checkpoint file
   * @return a copy
   */
  public TrainingConfig withModel(String model) {
    return new TrainingConfig(
        preset, model, data, patches, augmentation, targets, loading, computing, training);
  }

  /**
   * The same with other targets, and the loss that is usual for them.
   *
   * @param targets what a decoder for automatic segmentation learns
   * @return a copy
   */
  public TrainingConfig withTargets(MapTargets targets) {
    TrainingOptions options = training;
    if (training.scheme() instanceof Scheme.Joint joint) {
      options =
          training.withScheme(new Scheme.Joint(joint.prompts(), targets.loss(), joint.update()));
    } else if (training.scheme() instanceof Scheme.Automatic) {
      options = training.withScheme(new Scheme.Automatic(targets.loss()));
    }
    return new TrainingConfig(
        preset, model, data, patches, augmentation, targets, loading, computing, options);
  }

  /**
   * The same with other images.
   *
   * @param data the images
   * @return a copy
   */
  public TrainingConfig withData(DataConfig data) {
    return new TrainingConfig(
        preset, model, data, patches, augmentation, targets, loading, computing, training);
  }

  /**
   * The same with other patches.
   *
   * @param patches what is cut out of the images
   * @return a copy
   */
  public TrainingConfig withPatches(PatchOptions patches) {
    return new TrainingConfig(
        preset, model, data, patches, augmentation, targets, loading, computing, training);
  }

  /**
   * The same with other options of training.
   *
   * @param training what is trained and how
   * @return a copy
   */
  public TrainingConfig withTraining(TrainingOptions training) {
    return new TrainingConfig(
        preset, model, data, patches, augmentation, targets, loading, computing, training);
  }

  /**
   * Reads a configuration file.
   *
   * @param file YAML; relative paths in it start from its folder
   * @param automatic the preset where the file says {@code auto} or nothing
   * @return the configuration; what the file does not say is as in the preset, or else the default
   * @throws ConfigException that lists everything that is wrong, with lines
   * @throws UncheckedIOException if the file cannot be read
   */
  public static TrainingConfig read(Path file, MachinePreset automatic) {
    return read(file, automatic, Optional.empty());
  }

  /**
   * Reads a configuration file.
   *
   * @param file YAML; relative paths in it start from its folder
   * @param automatic what the preset {@code auto} is
   * @param preset what counts instead of the preset that the file names
   * @return the configuration
   * @throws ConfigException that lists everything that is wrong, with lines
   * @throws UncheckedIOException if the file cannot be read
   */
  public static TrainingConfig read(Path file, MachinePreset automatic, Optional<String> preset) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      return parse(Files.readString(file), file.toString(), folder, automatic, preset);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + " (" + e + ")", e);
    }
  }

  /**
   * Reads the text of a configuration file.
   *
   * @param yaml the text
   * @param name of the text in messages
   * @param folder that relative paths start from
   * @param automatic the preset where the text says {@code auto} or nothing
   * @return the configuration
   * @throws ConfigException that lists everything that is wrong, with lines
   */
  public static TrainingConfig parse(
      String yaml, String name, Path folder, MachinePreset automatic) {
    return parse(yaml, name, folder, automatic, Optional.empty());
  }

  /**
   * Reads the text of a configuration file.
   *
   * @param yaml the text
   * @param name of the text in messages
   * @param folder that relative paths start from
   * @param automatic what the preset {@code auto} is
   * @param preset what counts instead of the preset that the text names
   * @return the configuration; its preset is the name of one, also where it is {@code automatic}
   * @throws ConfigException that lists everything that is wrong, with lines
   */
  public static TrainingConfig parse(
      String yaml, String name, Path folder, MachinePreset automatic, Optional<String> preset) {
    Optional<Node> root;
    try {
      root = new Compose(LoadSettings.builder().setLabel(name).build()).composeString(yaml);
    } catch (YamlEngineException e) {
      throw new ConfigException(name, List.of(e.getMessage()));
    }
    MapTargets targets = targets(root);
    String chosen = preset.or(() -> value(root, "preset")).orElse(AUTO);
    TrainingConfig start = start(chosen, name, automatic).withTargets(targets);
    if (root.isEmpty()) {
      return start;
    }
    TrainingConfig config = read(root.get(), name, folder, start);
    if (config.training().scheme() instanceof Scheme.Semantic) {
      config =
          read(root.get(), name, folder, start.withPatches(start.patches().withSeparate(false)));
    }
    return config.named(start.preset());
  }

  private static TrainingConfig read(Node root, String name, Path folder, TrainingConfig start) {
    RecordReader reader = new RecordReader(folder, starts(start));
    TrainingConfig config = reader.read(root, TrainingConfig.class, start);
    if (!reader.problems().isEmpty()) {
      throw new ConfigException(name, reader.problems());
    }
    return config;
  }

  /** A value that others depend on. */
  private static Optional<String> value(Optional<Node> root, String key) {
    if (root.isPresent() && root.get() instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        if (entry.getKeyNode() instanceof ScalarNode name
            && Names.same(name.getValue(), key)
            && entry.getValueNode() instanceof ScalarNode value) {
          return Optional.of(value.getValue());
        }
      }
    }
    return Optional.empty();
  }

  /** The targets that the file names; the reader tells of a name that there is not. */
  private static MapTargets targets(Optional<Node> root) {
    String name = value(root, "targets").orElse("");
    return Arrays.stream(MapTargets.values())
        .filter(t -> Names.same(t.name(), name))
        .findFirst()
        .orElse(defaults().targets());
  }

  /** Other schemes have the prompts of the preset and the loss of the targets too. */
  private static Map<Class<?>, Object> starts(TrainingConfig start) {
    Map<Class<?>, Object> starts = new HashMap<>(STARTS);
    if (start.training().scheme() instanceof Scheme.Joint joint) {
      starts.put(Scheme.Interactive.class, new Scheme.Interactive(joint.prompts()));
      starts.put(Scheme.Automatic.class, new Scheme.Automatic(joint.loss()));
    }
    return starts;
  }

  private static TrainingConfig start(String preset, String name, MachinePreset automatic) {
    return switch (preset) {
      case NONE -> defaults();
      case AUTO -> defaults().withPreset(automatic);
      default ->
          defaults()
              .withPreset(
                  MachinePreset.byName(preset)
                      .orElseThrow(
                          () ->
                              new ConfigException(
                                  name,
                                  List.of(
                                      "preset is %s, expected auto, none, %s%s"
                                          .formatted(
                                              preset,
                                              String.join(", ", MachinePreset.names()),
                                              Names.suggestion(preset, MachinePreset.names()))))));
    };
  }

  private TrainingConfig named(String preset) {
    return new TrainingConfig(
        preset, model, data, patches, augmentation, targets, loading, computing, training);
  }

  /**
   * The configuration as a file, with every key.
   *
   * @return YAML that {@link #parse} reads back to the same
   */
  public String toYaml() {
    return RecordWriter.write(named(NONE));
  }

  /**
   * A file that explains every key and has the defaults.
   *
   * @return YAML with comments
   */
  public static String documentation() {
    try (InputStream in = TrainingConfig.class.getResourceAsStream("train.yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Batches of a training.
   *
   * @param training varied patches; several threads may make them
   * @param validation one patch of each of some images, always the same
   */
  public record Batches(BatchSource training, BatchSource validation) {}

  /**
   * Opens the images, with the targets that the scheme needs.
   *
   * @param classes as for {@link #open(TrainingTargets, int)}
   * @return their batches
   * @throws io.github.microsam.train.data.DatasetException that lists what is wrong with the images
   * @throws ConfigException if there is nothing to train on, or classes would be separated
   */
  public Batches open(int classes) {
    return open(
        mapLoss(training.scheme()).isPresent()
            ? targets.of(patches.minSize())
            : TrainingTargets.NONE,
        classes);
  }

  /**
   * Opens the images, with labels of any values.
   *
   * @param targets what is computed from labels
   * @return their batches
   * @throws io.github.microsam.train.data.DatasetException that lists what is wrong with the images
   * @throws ConfigException if there is nothing to train on, or classes would be separated
   */
  public Batches open(TrainingTargets targets) {
    return open(targets, 0);
  }

  /**
   * Opens the images.
   *
   * @param targets what is computed from labels
   * @param classes how many a model of semantic training has outputs for: larger values of labels
   *     are problems; 0 to allow any, where labels are ids of objects
   * @return their batches
   * @throws io.github.microsam.train.data.DatasetException that lists what is wrong with the images
   * @throws ConfigException if there is nothing to train on, or classes would be separated
   */
  public Batches open(TrainingTargets targets, int classes) {
    if (training.scheme() instanceof Scheme.Semantic && patches.separate()) {
      throw new ConfigException(
          "The configuration",
          List.of("patches.separate is true, but labels of semantic training are classes: false"));
    }
    DatasetOptions labels =
        DatasetOptions.defaults()
            .withMinSize(patches.minSize())
            .withLabels(patches.separate(), classes);
    DataConfig.Opened planes = data.open(labels, training.seed());
    return new Batches(
        new PatchBatches(
            planes.training(),
            patches,
            augmentation,
            targets,
            new PatchBatches.Sampling(loading.batchSize(), loading.batches(), training.seed())),
        new FixedBatches(
            planes.validation(),
            patches,
            targets,
            loading.batchSize(),
            loading.validationPatches()));
  }
}
