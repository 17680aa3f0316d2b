package io.github.microsam.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.IncludedModel;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.config.MachinePreset;
import io.github.microsam.train.config.TrainingConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What presets for small machines need, as their plans tell; nothing is run. */
class MemoryTest {
  private static final SamConfig VIT_T =
      new SamConfig(TinyVitConfig.VIT_T, MaskDecoderConfig.SAM, Optional.of(UnetrConfig.MICRO_SAM));

  @TempDir private Path folder;

  @Test
  void vitTTrainsInteractivelyInUnderTwoGigabytes() {
    requireBelow(2, told(VIT_T, MachinePreset.MINIMAL, "interactive"));
  }

  @Test
  void vitTTrainsJointlyOnAMachineThatThePresetIsFor() {
    requireBelow(5.5, told(VIT_T, MachinePreset.MINIMAL, "joint"));
  }

  @Test
  void nanoTrainsJointlyInUnderOneGigabyte() {
    SamConfig nano;
    try (var weights = IncludedModel.named("nano").orElseThrow().weights()) {
      nano = weights.config();
    }
    requireBelow(1, told(nano, MachinePreset.NANO, "joint"));
  }

  private static void requireBelow(double gigabytes, long bytes) {
    assertTrue(bytes < gigabytes * 1e9, bytes + " bytes");
  }

  /** Bytes of weights, gradients, optimizer and intermediate results. */
  private long told(SamConfig model, MachinePreset preset, String scheme) {
    TrainingConfig config =
        TrainingConfig.parse("training: {scheme: " + scheme + "}", "", folder, preset);
    ModelOptions usage = config.computing().in(ModelOptions.defaults());
    Discs one = new Discs(64, 1, 1, 5, false);
    try (SamModel sam = SamModel.random(model, usage, 1);
        Trainer trainer =
            new Trainer(sam, config.training(), one, one, folder.resolve("m.safetensors"))) {
      return trainer.summary().bytes() + trainer.intermediateBytes(false);
    }
  }
}
