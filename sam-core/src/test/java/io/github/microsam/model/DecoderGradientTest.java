package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.VitConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients through prompt encoder and mask decoder against central differences, in double. */
class DecoderGradientTest {
  private static final int CHANNELS = 16;
  private static final int PROMPTS = 2;
  private static final VitConfig ENCODER =
      new VitConfig(64, 16, 8, 1, 1, 8, 2, List.of(0), CHANNELS);
  private static final MaskDecoderConfig DECODER = new MaskDecoderConfig(1, 2, 2, 12, 2, 6, 8);
  private static final double STEP = 1e-6;

  @Test
  void gradientsWithOneEmbeddingAndNoMaskAreThoseOfDifferences() {
    check(1, false);
  }

  @Test
  void gradientsWithAnEmbeddingAndAMaskForEachPromptAreThoseOfDifferences() {
    check(PROMPTS, true);
  }

  private static void check(int embeddings, boolean withMask) {
    FillWeights weights = new FillWeights();
    Scope root = new Scope(SameDiff.create(), DataType.DOUBLE, weights, "");
    SameDiff sd = root.sd();
    Map<String, INDArray> inputs = new HashMap<>();
    Nd4j.getRandom().setSeed(7);
    SDVariable embedding = input(sd, inputs, "embedding", embeddings, CHANNELS, 4, 4);
    SDVariable mask = withMask ? input(sd, inputs, "mask", PROMPTS, 1, 16, 16) : null;
    SDVariable points = sd.placeHolder("points", DataType.DOUBLE, -1, -1, 2);
    SDVariable labels = sd.placeHolder("labels", DataType.DOUBLE, -1, -1);
    inputs.put("points", Nd4j.rand(DataType.DOUBLE, PROMPTS, 5, 2).mul(64));
    inputs.put("labels", Nd4j.createFromArray(new double[][] {{1, 0, -1, 2, 3}, {0, 1, -1, 2, 3}}));

    PromptEncoder prompts = PromptEncoder.create(root.at("prompt_encoder"), ENCODER, DECODER);
    MaskDecoder.Masks out =
        MaskDecoder.add(
            root.at("mask_decoder"),
            ENCODER,
            DECODER,
            embedding,
            withMask ? prompts.dense(mask) : prompts.noMask(),
            prompts.densePe(),
            prompts.sparse(points, labels));
    // Squares, so that every pixel and every token matters differently.
    SDVariable loss =
        out.masks().mul(out.masks()).sum().add(out.iou().mul(out.iou()).sum()).rename("loss");
    sd.setLossVariables(loss);

    Map<String, List<String>> groups = new TreeMap<>();
    inputs.keySet().stream()
        .filter(name -> name.equals("embedding") || name.equals("mask"))
        .forEach(name -> groups.put(name, List.of(name)));
    weights.shapes().keySet().stream()
        .filter(key -> !key.endsWith("gaussian_matrix") && (withMask || !key.contains("downscal")))
        .forEach(key -> groups.computeIfAbsent(module(key), k -> new ArrayList<>()).add(key));
    List<String> names = groups.values().stream().flatMap(List::stream).toList();
    Map<String, INDArray> gradients = sd.calculateGradients(inputs, names);
    groups.forEach(
        (group, members) -> {
          IdentityHashMap<INDArray, INDArray> directions = new IdentityHashMap<>();
          double actual = 0;
          for (String name : members) {
            INDArray array =
                inputs.containsKey(name) ? inputs.get(name) : sd.getArrForVarName(name);
            INDArray direction = Nd4j.rand(DataType.DOUBLE, array.shape()).mul(2).sub(1);
            directions.put(array, direction);
            actual += gradients.get(name).mul(direction).sumNumber().doubleValue();
          }
          double expected = difference(sd, inputs, directions);
          assertEquals(expected, actual, 2e-6 * Math.max(1, Math.abs(expected)), group);
        });
  }

  /** Weights of a module are checked together, in one random direction: each check costs time. */
  private static String module(String key) {
    return key.substring(0, key.indexOf('.', key.indexOf('.') + 1));
  }

  private static SDVariable input(
      SameDiff sd, Map<String, INDArray> inputs, String name, long... shape) {
    inputs.put(name, Nd4j.randn(DataType.DOUBLE, shape));
    return sd.placeHolder(name, DataType.DOUBLE, shape);
  }

  /** The derivative of the loss in a direction, by a central difference. */
  private static double difference(
      SameDiff sd, Map<String, INDArray> inputs, IdentityHashMap<INDArray, INDArray> directions) {
    directions.forEach((array, direction) -> array.addi(direction.mul(STEP)));
    double above = sd.output(inputs, "loss").get("loss").getDouble(0);
    directions.forEach((array, direction) -> array.subi(direction.mul(2 * STEP)));
    double below = sd.output(inputs, "loss").get("loss").getDouble(0);
    directions.forEach((array, direction) -> array.addi(direction.mul(STEP)));
    return (above - below) / (2 * STEP);
  }
}
