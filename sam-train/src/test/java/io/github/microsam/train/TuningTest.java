package io.github.microsam.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.ImageEncoder;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.optim.UpdateRule;
import io.github.microsam.train.step.Parameters;
import io.github.microsam.weights.SamWeights;
import io.github.microsam.weights.VitConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Which weights each way of tuning trains, and what becomes of the layers it adds. */
class TuningTest {
  private static final VitConfig VIT = new VitConfig(64, 16, 16, 2, 2, 32, 2, List.of(1), 16);
  private static final TrainingOptions OPTIONS =
      TrainingOptions.defaults()
          .withScheme(Scheme.Automatic.defaults())
          .withFrozen(Set.of(ModelPart.UNETR_DECODER))
          .withRule(UpdateRule.AdamW.of(1e-2))
          .withEpochs(1);

  @TempDir private Path folder;

  private static Set<String> chosen(SamModel model, Tuning tuning) {
    Set<String> keys = new TreeSet<>();
    for (String key : ParameterSelection.of(model, OPTIONS.withTuning(tuning)).keySet()) {
      keys.add(key.replace("image_encoder.blocks.", ""));
    }
    return keys;
  }

  @Test
  void partsOfBlocksAreChosenByName() {
    try (SamModel model = SamModel.random(SmallTraining.config(VIT), 1)) {
      assertEquals(
          Set.of(
              "1.attn.proj.bias",
              "1.attn.proj.weight",
              "1.attn.qkv.bias",
              "1.attn.qkv.weight",
              "1.attn.rel_pos_h",
              "1.attn.rel_pos_w"),
          chosen(model, new Tuning.AttentionOnly(List.of(1))));
      assertEquals(
          Set.of("0.norm1.bias", "0.norm1.weight", "0.norm2.bias", "0.norm2.weight"),
          chosen(model, new Tuning.LayerNormOnly(List.of(0))));
      assertEquals(12, chosen(model, new Tuning.BiasOnly(List.of())).size());
      Set<String> last = chosen(model, new Tuning.Blocks(List.of(1)));
      assertEquals(14, last.size(), last.toString());
      assertTrue(last.stream().allMatch(k -> k.startsWith("1.")), last.toString());
    }
  }

  @Test
  void lowRankLayersAreTrainedSavedAndMerged() {
    adapted(new Tuning.LoRa(2, 2, List.of("q", "k", "v", "mlp"), List.of()), 20, true);
  }

  @Test
  void factorsAreTrainedSavedAndMerged() {
    adapted(new Tuning.FacT(2, 0.1, List.of(1)), 4, true);
  }

  @Test
  void dropoutVariesATrainingAndFollowsTheSeed() {
    float[] none = factor(0, 1);
    float[] some = factor(0.5, 1);
    assertArrayEquals(some, factor(0.5, 1));
    assertTrue(difference(none, some) > 0);
    assertTrue(difference(some, factor(0.5, 2)) > 0);
    assertThrows(IllegalArgumentException.class, () -> new Tuning.FacT(2, 1, List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Tuning.FacT(0, 0.1, List.of()));
  }

  /** The last factor of a block after a training. */
  private float[] factor(double dropout, long seed) {
    Tuning tuning = new Tuning.FacT(2, dropout, List.of(1));
    Path plain = folder.resolve("plain.safetensors");
    try (SamModel model = SamModel.random(SmallTraining.config(VIT), 1)) {
      model.save(plain);
    }
    try (SamWeights weights = SamWeights.open(plain);
        SamModel model =
            SamModel.extended(
                weights,
                ModelOptions.defaults(),
                ParameterSelection.adapter(tuning, VIT),
                Optional.empty(),
                7);
        Trainer trainer =
            new Trainer(
                model,
                OPTIONS.withTuning(tuning).withSeed(seed),
                Discs.of(1),
                Discs.of(1),
                folder.resolve("factors.safetensors"))) {
      assertTrue(trainer.intermediateBytes(false) > 0);
      trainer.run(TrainingListener.NONE);
      return NativeFloats.read(
          Parameters.of(model).get("image_encoder.blocks.1.attn.qkv.FacTv.weight"));
    }
  }

  @Test
  void scalesAndShiftsAreTrainedSavedAndMerged() {
    adapted(new Tuning.ScaleShift(List.of()), 24, true);
  }

  @Test
  void bottlenecksAreTrainedAndSaved() {
    adapted(new Tuning.AdaptFormer(4, List.of()), 10, false);
  }

  private void adapted(Tuning tuning, int arrays, boolean merged) {
    Path plain = folder.resolve("plain.safetensors");
    Path output = folder.resolve("adapted.safetensors");
    try (SamModel model = SamModel.random(SmallTraining.config(VIT), 1)) {
      model.save(plain);
    }
    INDArray image = Nd4j.rand(DataType.FLOAT, 1, 3, 64, 64);
    float[] before;
    float[] trained;
    try (SamWeights weights = SamWeights.open(plain);
        SamModel model =
            SamModel.extended(
                weights,
                ModelOptions.defaults(),
                ParameterSelection.adapter(tuning, VIT),
                Optional.empty(),
                7)) {
      TrainingOptions options = OPTIONS.withTuning(tuning);
      Map<String, INDArray> chosen = ParameterSelection.of(model, options);
      assertEquals(arrays, chosen.size(), chosen.keySet().toString());
      Map<String, INDArray> all = Parameters.of(model);
      float[] frozen = NativeFloats.read(all.get("image_encoder.neck.0.weight"));
      before = embedding(model, image);
      try (Trainer trainer = new Trainer(model, options, Discs.of(2), Discs.of(1), output)) {
        assertEquals(
            chosen.values().stream().mapToLong(INDArray::length).sum(),
            trainer.summary().trainedParameters());
        trainer.run(TrainingListener.NONE);
      }
      assertArrayEquals(frozen, NativeFloats.read(all.get("image_encoder.neck.0.weight")));
      trained = embedding(model, image);
      assertTrue(difference(before, trained) > 1e-4, "the layers have an effect");
    }
    try (SamWeights saved = SamWeights.open(output)) {
      assertEquals(ParameterSelection.adapter(tuning, VIT), saved.adapter());
      try (SamModel loaded = SamModel.of(saved)) {
        assertTrue(difference(trained, embedding(loaded, image)) < 1e-4);
        boolean layers =
            Parameters.of(loaded).keySet().stream()
                .anyMatch(k -> k.startsWith("image_encoder.") && k.contains("_proj."));
        assertEquals(merged, !layers);
      }
    }
  }

  private static float[] embedding(SamModel model, INDArray image) {
    try (INDArray out =
        model
            .imageEncoder()
            .run(Map.of(ImageEncoder.IMAGE, image), List.of(ImageEncoder.EMBEDDING))
            .get(ImageEncoder.EMBEDDING)) {
      return NativeFloats.read(out);
    }
  }

  private static double difference(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  @Test
  void blocksThatTheModelLacksAreNamed() {
    try (SamModel model = SamModel.random(SmallTraining.config(VIT), 1)) {
      for (Tuning tuning :
          List.of(
              new Tuning.Blocks(List.of(1, 99)),
              new Tuning.LoRa(2, 1, List.of("q"), List.of(99)))) {
        TrainingException e =
            assertThrows(TrainingException.class, () -> chosen(model, tuning), tuning.toString());
        assertTrue(e.getMessage().contains("blocks [99]"), e.getMessage());
        assertTrue(e.getMessage().contains("0 to 1"), e.getMessage());
      }
    }
    assertThrows(
        TrainingException.class,
        () -> ParameterSelection.adapter(new Tuning.ScaleShift(List.of(2)), VIT));
  }

  @Test
  void aTinyVitIsTunedInFullOnly() {
    try (SamModel model = SamModel.random(SmallTraining.config(SmallTraining.TINY), 1)) {
      TrainingException e =
          assertThrows(
              TrainingException.class,
              () ->
                  ParameterSelection.of(model, OPTIONS.withTuning(new Tuning.BiasOnly(List.of()))));
      assertTrue(e.getMessage().contains("plain vision transformers"), e.getMessage());
    }
  }
}
