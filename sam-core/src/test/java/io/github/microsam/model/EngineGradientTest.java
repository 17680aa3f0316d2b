package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.GradientPlan;
import io.github.microsam.weights.Adapter;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The engine's gradients of whole networks, with respect to every parameter and input, against
 * central differences in double precision. Each is checked along one direction that changes all of
 * its entries.
 */
class EngineGradientTest {
  private static final double STEP = 1e-6;
  private static final double TOLERANCE = 1e-5;

  private final Random random = new Random(11);
  private final Map<String, INDArray> inputs = new LinkedHashMap<>();
  private final Scope root =
      new Scope(
          SameDiff.create(),
          DataType.DOUBLE,
          (key, init, type, shape) -> weights(key, type, shape),
          "");

  /** Biases keep most rectified units away from their kink; variances are positive. */
  private INDArray weights(String key, DataType type, long... shape) {
    INDArray array = GradientCheck.array(random, type, shape);
    if (key.endsWith("running_var") || key.endsWith("bias")) {
      return array.addi(1.2);
    }
    double fanIn = (double) array.length() / shape[0];
    return shape.length > 1 ? array.divi(Math.sqrt(fanIn)) : array;
  }

  private SDVariable input(String name, long... shape) {
    inputs.put(name, GradientCheck.array(random, DataType.DOUBLE, shape));
    long[] any = shape.clone();
    any[0] = -1;
    return root.sd().placeHolder(name, DataType.DOUBLE, any);
  }

  private void assertGradients(String... outputs) {
    SameDiff sd = root.sd();
    List<String> targets = new ArrayList<>(inputs.keySet());
    targets.remove("labels");
    sd.variables().stream()
        .filter(v -> v.getVariableType() == VariableType.VARIABLE)
        .forEach(v -> targets.add(v.name()));
    try (Engine engine = new Engine(sd)) {
      GradientPlan plan = engine.gradientPlan(inputs, List.of(outputs), targets);
      Map<String, INDArray> seeds = new LinkedHashMap<>();
      plan.forward(inputs)
          .forEach((n, y) -> seeds.put(n, GradientCheck.array(random, y.dataType(), y.shape())));
      Map<String, INDArray> gradients = plan.backward(seeds);
      assertEquals(targets, List.copyOf(gradients.keySet()));
      for (String name : targets) {
        INDArray array = inputs.containsKey(name) ? inputs.get(name) : sd.getArrForVarName(name);
        INDArray direction = GradientCheck.array(random, array.dataType(), array.shape());
        double[] slopes = gradients.get(name).mul(direction).dup('c').data().asDouble();
        double actual = Arrays.stream(slopes).sum();
        double size = Arrays.stream(slopes).map(Math::abs).sum();
        INDArray value = array.dup();
        array.addi(direction.mul(STEP));
        double above = seeded(engine, seeds);
        array.assign(value).subi(direction.mul(STEP));
        double below = seeded(engine, seeds);
        array.assign(value);
        double expected = (above - below) / (2 * STEP);
        if (!(Math.abs(expected - actual) <= TOLERANCE * size + 1e-6)) {
          fail(
              "gradient of %s %s: slope %.9g, by differences %.9g"
                  .formatted(name, Arrays.toString(array.shape()), actual, expected));
        }
      }
    }
  }

  private double seeded(Engine engine, Map<String, INDArray> seeds) {
    double sum = 0;
    for (Map.Entry<String, INDArray> y : engine.run(inputs, seeds.keySet()).entrySet()) {
      sum += y.getValue().mul(seeds.get(y.getKey())).sumNumber().doubleValue();
    }
    return sum;
  }

  @Test
  void visionTransformer() {
    VitConfig config = new VitConfig(96, 16, 8, 2, 2, 16, 4, List.of(1), 6);
    ImageEncoder.add(root.at("encoder"), input("image", 1, 3, 96, 96), config).rename("y");
    assertGradients("y");
  }

  @Test
  void visionTransformerWithFactorsAndDropout() {
    VitConfig config = new VitConfig(32, 8, 8, 2, 2, 16, 3, List.of(1), 6);
    Adapter.FacT factors = new Adapter.FacT(2, List.of(0, 1));
    SDVariable image = input("image", 1, 3, 32, 32);
    FactorLayers.masks("encoder", factors, config, 1)
        .forEach(
            (name, shape) -> {
              INDArray mask = GradientCheck.array(random, DataType.DOUBLE, shape);
              inputs.put(name, mask.gt(-0.5).castTo(DataType.DOUBLE).divi(0.75));
            });
    VitEncoder.add(root.at("encoder"), image, config, Optional.of(factors), true).rename("y");
    assertGradients("y");
  }

  @ParameterizedTest
  @EnumSource
  void tinyVit(BatchStatistics statistics) {
    TinyVitConfig config =
        new TinyVitConfig(
            64, List.of(4, 6, 8), List.of(1, 1, 1), List.of(1, 2, 2), List.of(7, 3, 4), 5);
    TinyVit.add(
            root.at("encoder"),
            input("image", 2, 3, 64, 64),
            config,
            AttentionBiases.LEARNED,
            statistics)
        .rename("y");
    assertGradients("y");
  }

  @ParameterizedTest
  @EnumSource
  void unetrDecoder(BatchStatistics statistics) {
    UnetrConfig config = new UnetrConfig(2, 2, false, 3);
    UnetrDecoder.add(root, input("embedding", 2, 4, 4, 4), config, 4, 4, statistics).rename("y");
    assertGradients("y");
  }

  @Test
  void promptEncoderAndMaskDecoder() {
    VitConfig encoder = new VitConfig(64, 16, 8, 1, 1, 8, 2, List.of(0), 16);
    MaskDecoderConfig decoder = new MaskDecoderConfig(1, 2, 2, 12, 2, 6, 8);
    PromptEncoder prompts = PromptEncoder.create(root.at("prompt_encoder"), encoder, decoder);
    SDVariable embedding = input("embedding", 1, 16, 4, 4);
    SDVariable mask = input("mask", 2, 1, 16, 16);
    SDVariable points = input("points", 2, 4, 2);
    SDVariable labels = input("labels", 2, 4);
    inputs.get("labels").assign(Nd4j.createFromArray(new double[][] {{1, 0, 2, 3}, {0, -1, 2, 3}}));
    MaskDecoder.Masks masks =
        MaskDecoder.add(
            root.at("mask_decoder"),
            encoder,
            decoder,
            embedding,
            prompts.dense(mask),
            prompts.densePe(),
            prompts.sparse(points, labels));
    masks.masks().rename("masks");
    masks.iou().rename("iou");
    assertGradients("masks", "iou");
  }
}
