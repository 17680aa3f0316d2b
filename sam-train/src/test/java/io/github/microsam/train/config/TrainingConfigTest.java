package io.github.microsam.train.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.train.Scheme;
import io.github.microsam.train.Tuning;
import io.github.microsam.train.data.Intensities;
import io.github.microsam.train.data.Sample;
import io.github.microsam.train.data.TrainingTargets;
import io.github.microsam.train.loss.DiceLoss;
import io.github.microsam.train.loss.MaskedLoss;
import io.github.microsam.train.optim.Schedule;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.prompts.PromptScheme;
import io.github.microsam.train.synthetic.SyntheticKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class TrainingConfigTest {
  private static final Path FOLDER = Path.of("/data");

  private static TrainingConfig parse(String yaml) {
    return TrainingConfig.parse(yaml, "test.yaml", FOLDER, MachinePreset.CPU);
  }

  private static String problems(String yaml) {
    return assertThrows(ConfigException.class, () -> parse(yaml)).getMessage();
  }

  @Test
  void theDocumentedFileIsAnEmptyOne() {
    for (MachinePreset machine : MachinePreset.values()) {
      assertEquals(
          TrainingConfig.parse("", "", FOLDER, machine),
          TrainingConfig.parse(TrainingConfig.documentation(), "", FOLDER, machine));
    }
  }

  @Test
  void theDocumentedFileHasTheDefaults() {
    String all = TrainingConfig.documentation().replace("preset: auto", "preset: none");
    for (String key : List.of("model", "maxObjects", "subIterations", "tuning", "recompute")) {
      String uncommented = all.replaceFirst("(?m)^( *)# (" + key + ": \\S+)$", "$1$2");
      assertNotEquals(all, uncommented, key);
      all = uncommented;
    }
    assertEquals(TrainingConfig.defaults(), parse(all));
  }

  @Test
  void anotherPresetThanTheFilesCanBeAskedFor() {
    String file = "preset: none\nmodel: mine.pt\n";
    TrainingConfig config =
        TrainingConfig.parse(file, "", FOLDER, MachinePreset.CPU, Optional.of("v100"));
    assertEquals("v100", config.preset());
    assertEquals(25, ((Scheme.Joint) config.training().scheme()).prompts().maxObjects());
    assertEquals("mine.pt", config.model());
    assertEquals("none", parse(file).preset());
    assertEquals("cpu", parse("preset: auto").preset(), "the one that was chosen");
  }

  @Test
  void theDocumentedFileHasEveryKey() {
    String documentation = TrainingConfig.documentation();
    for (String line : TrainingConfig.defaults().toYaml().lines().toList()) {
      String key = line.substring(0, line.indexOf(':') + 1).strip();
      assertTrue(
          documentation.toLowerCase(Locale.ROOT).contains(key.toLowerCase(Locale.ROOT)), key);
    }
  }

  @Test
  void anEmptyFileHasWhatThePresetHas() {
    TrainingConfig config = parse("");
    assertEquals(TrainingConfig.defaults().withPreset(MachinePreset.CPU), config);
    Scheme.Joint joint = (Scheme.Joint) config.training().scheme();
    assertEquals(10, joint.prompts().maxObjects());
  }

  @Test
  void otherSchemesHaveThePresetsPromptsToo() {
    Scheme.Interactive scheme =
        (Scheme.Interactive) parse("training: {scheme: interactive}").training().scheme();
    assertEquals(10, scheme.prompts().maxObjects());
  }

  @Test
  void whatTheFileSaysComesBeforeThePreset() {
    TrainingConfig config =
        parse(
            """
            preset: gtx3080
            model: my_model.pt
            training:
              scheme: {joint: {prompts: {max_objects: 7}}}
            """);
    assertEquals("my_model.pt", config.model());
    assertEquals(new Tuning.Blocks(List.of(11)), config.training().tuning());
    Scheme.Joint joint = (Scheme.Joint) config.training().scheme();
    assertEquals(7, joint.prompts().maxObjects());
    assertEquals(8, joint.prompts().subIterations());
  }

  @Test
  void everyKindOfValueIsRead() {
    TrainingConfig config =
        parse(
            """
            data:
              training:
                - files:
                    images: images
                    labels: /elsewhere/labels
                    share: 2
                    manifest: m.tsv
                    weights: {modality: {histology: 4, brightfield: 0}}
                - synthetic: {kinds: [nuclei, phase-contrast], share: 0.5, density: 0.4, noise: 0}
              intensities: as-is
            training:
              tuning: {lora: {rank: 8, matrices: [q, k, v]}}
              frozen: [prompt-encoder]
              rule: {sgd: {learningRate: 1e-2, momentum: 0.9, weightDecay: 0}}
              schedule: constant
              scheme: automatic
            """);
    DataSource.Files files = (DataSource.Files) config.data().training().get(0);
    assertEquals(Path.of("/data/images"), files.images());
    assertEquals(Path.of("/elsewhere/labels"), files.labels());
    assertEquals(4.0, files.weights().get("modality").get("histology"));
    DataSource.Synthetic synthetic = (DataSource.Synthetic) config.data().training().get(1);
    assertEquals(List.of(SyntheticKind.NUCLEI, SyntheticKind.PHASE_CONTRAST), synthetic.kinds());
    assertEquals(320, synthetic.width());
    assertEquals(OptionalDouble.of(0.4), synthetic.density());
    assertEquals(OptionalDouble.of(0), synthetic.noise());
    assertEquals(OptionalDouble.empty(), synthetic.blur());
    assertTrue(
        problems("data: {training: [{synthetic: {background: 2}}]}")
            .contains("background 2.0 of a synthetic image"));
    assertEquals(Intensities.AS_IS, config.data().intensities());
    assertEquals(
        new Tuning.LoRa(8, 1, List.of("q", "k", "v"), List.of()), config.training().tuning());
    assertEquals(
        new Tuning.FacT(8, 0.1, List.of()),
        parse("training: {tuning: {fact: {rank: 8}}}").training().tuning());
    assertEquals(
        new Tuning.FacT(4, 0, List.of(1)),
        parse("training: {tuning: {fact: {dropout: 0, blocks: [1]}}}").training().tuning());
    assertEquals(new UpdateRule.Sgd(0.01, 0.9, 0), config.training().rule());
    assertEquals(new Schedule.Constant(), config.training().schedule());
    assertEquals(Scheme.Automatic.defaults(), config.training().scheme());
    assertEquals(config.toYaml(), parse(config.toYaml()).toYaml(), "written and read again");
  }

  @Test
  void classesAreNotSeparated() {
    assertTrue(parse("training: {scheme: joint}").patches().separate());
    TrainingConfig semantic = parse("training: {scheme: semantic}");
    assertFalse(semantic.patches().separate());
    assertEquals(semantic.toYaml(), parse(semantic.toYaml()).toYaml());
    TrainingConfig contrary = parse("{patches: {separate: true}, training: {scheme: semantic}}");
    String message =
        assertThrows(ConfigException.class, () -> contrary.open(TrainingTargets.NONE)).getMessage();
    assertTrue(message.contains("patches.separate is true"), message);
  }

  @Test
  void allProblemsAreListedWithTheirLines() {
    String message =
        problems(
            """
            patches:
              widht: 256
              minSize: many
            augmentaton: {}
            training:
              epochs: 0
              tuning: lorra
              frozen: [image-encodr]
            """);
    assertTrue(message.contains("line 2: unknown key widht; did you mean width"), message);
    assertTrue(message.contains("line 3: minSize is many, expected a whole number"), message);
    assertTrue(
        message.contains("line 4: unknown key augmentaton; did you mean augmentation"), message);
    assertTrue(message.contains("line 7: tuning is lorra"), message);
    assertTrue(message.contains("did you mean lora"), message);
    assertTrue(message.contains("line 8: frozen is image-encodr"), message);
    assertTrue(message.contains("did you mean image-encoder"), message);
  }

  @Test
  void valuesOutOfRangeAreNamedWithTheirLine() {
    assertTrue(
        problems("training:\n  epochs: 0\n").contains("line 2: epochs is 0, expected 1 or more"));
    assertTrue(problems(tuning("fact: {rank: 0}")).contains("line 1: rank of FacT is 0"));
    assertTrue(problems(tuning("adaptFormer: {width: 0}")).contains("width of AdaptFormer is 0"));
    assertTrue(problems(tuning("blocks: {blocks: [-1]}")).contains("blocks are [-1]"));
    assertTrue(problems("preset: gtx3081\n").contains("did you mean gtx3080"));
    assertTrue(
        problems("data: {training: [{files: {images: a, share: 1}}]}")
            .contains("labels is missing"));
    assertTrue(
        problems("training: {tuning: {fact: {dropout: 1}}}")
            .contains("the dropout of FacT is 1.0, expected 0 to below 1"));
    assertTrue(problems("a: [1").contains("test.yaml"));
  }

  @Test
  void theLossFollowsTheTargets() {
    Scheme.Joint joint = (Scheme.Joint) parse("targets: affinities").training().scheme();
    assertEquals(MaskedLoss.defaults(), joint.loss());
    assertEquals(PromptScheme.defaults().withMaxObjects(10), joint.prompts());
    TrainingConfig automatic = parse("{targets: boundaries, training: {scheme: automatic}}");
    assertInstanceOf(DiceLoss.class, ((Scheme.Automatic) automatic.training().scheme()).loss());
    for (MapTargets targets : MapTargets.values()) {
      assertTrue(targets.loss().fits(targets.maps(), targets.of(25).channels()), targets.name());
    }
    String wrong =
        problems("targets: boundaries\ntraining: {scheme: {automatic: {loss: distanceLoss}}}");
    assertTrue(wrong.contains("targets are boundaries, which distanceloss is not for"), wrong);
    assertTrue(problems("targets: edges").contains("targets is edges, expected one of distances"));
  }

  private static String tuning(String how) {
    return "{training: {tuning: {" + how + "}}}";
  }

  @Test
  void sharesAreOneWhereNothingIsSaid() {
    TrainingConfig config = parse("data: {training: [{files: {images: a, labels: b}}]}");
    assertEquals(1, config.data().training().get(0).share());
  }

  @Test
  void presetsFollowTheMemory() {
    assertEquals(MachinePreset.CPU, MachinePreset.forMemory(24L << 30));
    assertEquals(MachinePreset.MINIMAL, MachinePreset.forMemory(16L << 30));
    assertEquals(MachinePreset.NANO, MachinePreset.forMemory(7L << 30));
    assertEquals(MachinePreset.A100, MachinePreset.forGpuMemory(85_000_000_000L));
    assertEquals(MachinePreset.RTX5000, MachinePreset.forGpuMemory(16_900_000_000L));
    assertEquals(MachinePreset.CPU, MachinePreset.forGpuMemory(4_000_000_000L));
  }

  @Test
  void batchesComeFromTheSourcesOfTheFile() {
    TrainingConfig config =
        parse(
            """
            data: {training: [{synthetic: {kinds: [nuclei], width: 96, height: 96}}]}
            patches: {width: 64, height: 48}
            loading: {batchSize: 2, batches: 3, validationPatches: 3}
            """);
    TrainingConfig.Batches batches = config.open(TrainingTargets.NONE);
    assertEquals(3, batches.training().batches());
    Sample sample = batches.training().batch(0, 2).get(1);
    assertEquals(64, sample.width());
    assertEquals(48, sample.height());
    assertEquals(2, batches.validation().batches());
    assertThrows(ConfigException.class, () -> parse("").open(TrainingTargets.NONE));
  }
}
