package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.EngineOptions;
import io.github.microsam.engine.GradientPlan;
import io.github.microsam.engine.onednn.OneDnnProvider;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.VitConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The masks of dropout in the layers of factor tuning. */
class FactorDropoutTest {
  /** Windows of 3 × 3 in a map of 4 × 4, so that some tokens fill up; then a global block. */
  private static final VitConfig VIT = new VitConfig(32, 8, 12, 3, 2, 24, 3, List.of(1), 6);

  private static final Adapter.FacT FACTORS = new Adapter.FacT(2, List.of(0, 1));
  private static final ModelOptions TRAINING = ModelOptions.defaults().withDropout(0.25);
  private static final int IMAGES = 2;

  private final INDArray image =
      GradientCheck.array(new Random(2), DataType.FLOAT, IMAGES, 3, 32, 32);

  private static Network network(Optional<Adapter> adapter, ModelOptions options) {
    return ImageEncoder.network(
        VIT,
        adapter,
        options,
        (key, init, type, shape) ->
            // The layer that an adapter wraps has the plain one's weights.
            GradientCheck.array(new Random(key.replace("qkv_proj.", "").hashCode()), type, shape));
  }

  private Map<String, INDArray> inputs(DoubleSupplier mask) {
    Map<String, INDArray> inputs = new LinkedHashMap<>();
    inputs.put(ImageEncoder.IMAGE, image);
    ImageEncoder.dropoutMasks(VIT, Optional.of(FACTORS), TRAINING, IMAGES)
        .forEach(
            (name, shape) -> {
              INDArray array = GradientCheck.array(new Random(0), DataType.FLOAT, shape);
              for (long i = 0; i < array.length(); i++) {
                array.putScalar(i, mask.getAsDouble());
              }
              inputs.put(name, array);
            });
    return inputs;
  }

  private static float[] embedding(Network network, Map<String, INDArray> inputs) {
    try (Engine engine = new Engine(network.graph())) {
      return engine
          .run(inputs, List.of(ImageEncoder.EMBEDDING))
          .get(ImageEncoder.EMBEDDING)
          .data()
          .asFloat();
    }
  }

  @Test
  void withoutDropoutTheImageIsTheOnlyInput() {
    Network inference = network(Optional.of(FACTORS), ModelOptions.defaults());
    assertEquals(List.of(ImageEncoder.IMAGE), inference.graph().inputs());
    assertEquals(
        Map.of(),
        ImageEncoder.dropoutMasks(VIT, Optional.of(FACTORS), ModelOptions.defaults(), IMAGES));
    Adapter lora = new Adapter.LoRa(2, List.of("q"), List.of(0));
    assertEquals(
        List.of(ImageEncoder.IMAGE), network(Optional.of(lora), TRAINING).graph().inputs());
    assertEquals(Map.of(), ImageEncoder.dropoutMasks(VIT, Optional.of(lora), TRAINING, IMAGES));
  }

  @Test
  void theMasksAreTheGraphsOtherInputs() {
    Map<String, INDArray> inputs = inputs(() -> 1);
    Network training = network(Optional.of(FACTORS), TRAINING);
    assertEquals(List.copyOf(inputs.keySet()), training.graph().inputs());
    String at = "image_encoder.blocks.%d.attn.qkv.dropout";
    assertArrayEquals(new long[] {2, 8, 3, 3, 2}, inputs.get(at.formatted(0)).shape());
    assertArrayEquals(new long[] {2, 2, 4, 4, 2}, inputs.get(at.formatted(1)).shape());
  }

  @Test
  void aMaskOfOnesIsNoDropoutAndOneOfZerosNoTuning() {
    Network training = network(Optional.of(FACTORS), TRAINING);
    float[] tuned =
        embedding(
            network(Optional.of(FACTORS), ModelOptions.defaults()),
            Map.of(ImageEncoder.IMAGE, image));
    float[] plain =
        embedding(
            network(Optional.empty(), ModelOptions.defaults()), Map.of(ImageEncoder.IMAGE, image));
    assertArrayEquals(tuned, embedding(training, inputs(() -> 1)));
    assertArrayEquals(plain, embedding(training, inputs(() -> 0)));
    double largest = 0;
    for (int i = 0; i < plain.length; i++) {
      largest = Math.max(largest, Math.abs(tuned[i] - plain[i]));
    }
    assertTrue(largest > 0.01, "the factors change an embedding by " + largest);
  }

  @Test
  void kernelsAndRecomputationGiveTheGradientsOfStockOperations() {
    Network training = network(Optional.of(FACTORS), TRAINING);
    Random random = new Random(4);
    Map<String, INDArray> inputs = inputs(() -> random.nextDouble() < 0.25 ? 0 : 1 / 0.75);
    INDArray seed = GradientCheck.array(random, DataType.FLOAT, IMAGES, 6, 4, 4);
    Map<String, float[]> stock;
    try (Engine engine = new Engine(training.graph())) {
      stock = gradients(engine, inputs, seed);
    }
    EngineOptions options = EngineOptions.defaults();
    Map<String, float[]> fused = gradients(training, options, inputs, seed);
    Map<String, float[]> again = gradients(training, options.withRecompute(true), inputs, seed);
    stock.forEach(
        (name, expected) -> {
          float largest = 0;
          for (float e : expected) {
            largest = Math.max(largest, Math.abs(e));
          }
          assertArrayEquals(expected, fused.get(name), 1e-4f * Math.max(largest, 1), name);
          assertArrayEquals(fused.get(name), again.get(name), name);
        });
  }

  private static Map<String, float[]> gradients(
      Network network, EngineOptions options, Map<String, INDArray> inputs, INDArray seed) {
    try (Engine engine =
        new Engine(network.graph(), network.regions(), List.of(new OneDnnProvider()), options)) {
      return gradients(engine, inputs, seed);
    }
  }

  private static Map<String, float[]> gradients(
      Engine engine, Map<String, INDArray> inputs, INDArray seed) {
    SameDiff sd = engine.graph();
    List<String> targets = new ArrayList<>();
    for (SDVariable v : sd.variables()) {
      if (v.getVariableType() == VariableType.VARIABLE) {
        targets.add(v.name());
      }
    }
    GradientPlan plan = engine.gradientPlan(inputs, List.of(ImageEncoder.EMBEDDING), targets);
    plan.forward(inputs);
    Map<String, float[]> gradients = new HashMap<>();
    plan.backward(Map.of(ImageEncoder.EMBEDDING, seed))
        .forEach((name, g) -> gradients.put(name, g.dup('c').data().asFloat()));
    return gradients;
  }

  @Test
  void aShareMustLeaveSomething() {
    assertThrows(IllegalArgumentException.class, () -> TRAINING.withDropout(1));
    assertThrows(IllegalArgumentException.class, () -> TRAINING.withDropout(-0.1));
  }
}
