package io.github.microsam.train.config;

import io.github.microsam.train.Scheme;
import io.github.microsam.train.TrainingOptions;
import io.github.microsam.train.Tuning;
import io.github.microsam.train.data.Augmentation;
import io.github.microsam.train.data.BatchSource;
import io.github.microsam.train.data.FixedBatches;
import io.github.microsam.train.data.PatchBatches;
import io.github.microsam.train.data.PatchOptions;
import io.github.microsam.train.data.TrainingTargets;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * @param preset of the machine, {@code auto} or {@code none}; what the file says itself comes first
 * @param model name of a published model, or a checkpoint file, that training starts from
 * @param data the images
 * @param patches what is cut out of them
 * @param augmentation how patches are varied
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
    LoadingConfig loading,
    ComputingConfig computing,
    TrainingOptions training) {

  /** What the records of others start from where a file names them without all of their keys. */
  private static final Map<Class<?>, Object> STARTS =
      Map.of(
          Tuning.LoRa.class, Tuning.LoRa.of(4),
          Tuning.FacT.class, new Tuning.FacT(4, List.of()),
          Tuning.ScaleShift.class, new Tuning.ScaleShift(List.of()),
          Tuning.AdaptFormer.class, new Tuning.AdaptFormer(64, List.of()),
          Tuning.AttentionOnly.class, new Tuning.AttentionOnly(List.of()),
          Tuning.BiasOnly.class, new Tuning.BiasOnly(List.of()),
          Tuning.LayerNormOnly.class, new Tuning.LayerNormOnly(List.of()),
          UpdateRule.Adam.class, UpdateRule.Adam.of(1e-5),
          UpdateRule.AdamW.class, UpdateRule.AdamW.of(1e-5),
          Scheme.Interactive.class, new Scheme.Interactive(PromptScheme.defaults()));

  /**
   * micro-sam's training of vit_b, with patches of 512 × 512 pixels.
   *
   * @return the defaults, before any preset
   */
  public static TrainingConfig defaults() {
    return new TrainingConfig(
        "auto",
        "vit_b",
        DataConfig.defaults(),
        PatchOptions.square(512),
        Augmentation.mirrored(),
        LoadingConfig.defaults(),
        ComputingConfig.defaults(),
        TrainingOptions.defaults());
  }

  /**
   * A preset's model, numbers of objects and sub-iterations, and tuning.
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
        preset, machine.model(), data, patches, augmentation, loading, computing, options);
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
        preset, model, data, patches, augmentation, loading, computing, training);
  }

  /**
   * The same with other images.
   *
   * @param data the images
   * @return a copy
   */
  public TrainingConfig withData(DataConfig data) {
    return new TrainingConfig(
        preset, model, data, patches, augmentation, loading, computing, training);
  }

  /**
   * The same with other options of training.
   *
   * @param training what is trained and how
   * @return a copy
   */
  public TrainingConfig withTraining(TrainingOptions training) {
    return new TrainingConfig(
        preset, model, data, patches, augmentation, loading, computing, training);
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
    try {
      Path folder = file.toAbsolutePath().getParent();
      return parse(Files.readString(file), file.toString(), folder, automatic);
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
    Optional<Node> root;
    try {
      root = new Compose(LoadSettings.builder().setLabel(name).build()).composeString(yaml);
    } catch (YamlEngineException e) {
      throw new ConfigException(name, List.of(e.getMessage()));
    }
    RecordReader reader = new RecordReader(folder, STARTS);
    TrainingConfig start = start(root, name, automatic);
    TrainingConfig config =
        root.map(node -> reader.read(node, TrainingConfig.class, start)).orElse(start);
    if (!reader.problems().isEmpty()) {
      throw new ConfigException(name, reader.problems());
    }
    return config;
  }

  private static TrainingConfig start(Optional<Node> root, String name, MachinePreset automatic) {
    String preset = defaults().preset();
    if (root.isPresent() && root.get() instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        if (entry.getKeyNode() instanceof ScalarNode key
            && key.getValue().equals("preset")
            && entry.getValueNode() instanceof ScalarNode value) {
          preset = value.getValue();
        }
      }
    }
    return switch (preset) {
      case "none" -> defaults();
      case "auto" -> defaults().withPreset(automatic);
      default -> {
        String found = preset;
        yield defaults()
            .withPreset(
                MachinePreset.byName(found)
                    .orElseThrow(
                        () ->
                            new ConfigException(
                                name,
                                List.of(
                                    "preset is %s, expected auto, none, %s%s"
                                        .formatted(
                                            found,
                                            String.join(", ", MachinePreset.names()),
                                            Names.suggestion(found, MachinePreset.names()))))));
      }
    };
  }

  /**
   * The configuration as a file, with every key.
   *
   * @return YAML that {@link #parse} reads back to the same
   */
  public String toYaml() {
    return RecordWriter.write(
        new TrainingConfig(
            "none", model, data, patches, augmentation, loading, computing, training));
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
   * Opens the images.
   *
   * @param targets what is computed from labels
   * @return their batches
   * @throws io.github.microsam.train.data.DatasetException that lists what is wrong with the images
   * @throws ConfigException if there is nothing to train on
   */
  public Batches open(TrainingTargets targets) {
    DataConfig.Opened planes = data.open(patches.minSize(), training.seed());
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
