package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.golden.Golden;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.VitConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Prompt encoder and mask decoder against the fixtures, through plain SameDiff. */
class DecoderGoldenTest {
  private static final VitConfig ENCODER =
      new VitConfig(256, 16, 48, 4, 4, 192, 7, List.of(1, 3), 32);
  private static final MaskDecoderConfig DECODER = new MaskDecoderConfig(3, 2, 8, 64, 3, 32, 16);

  private final Golden golden = Golden.open("small_prompts");
  private final SameDiff prompts = PromptEncoder.build(ENCODER, DECODER, new FillWeights());
  private final SameDiff decoder = MaskDecoder.build(ENCODER, DECODER, new FillWeights());

  @Test
  void positionalEncodingOfTheImageIsThatOfTheFixtures() {
    assertMatches("dense_pe", prompt("dense_pe", Map.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "p1",
        "p3",
        "p_neg",
        "box",
        "box_p2",
        "mask",
        "p1_mask",
        "batch_p2",
        "batch_box",
        "batch_all"
      })
  void promptsAndMasksAreThoseOfTheFixtures(String name) {
    INDArray sparse = sparse(name);
    INDArray dense = dense(name);
    if (golden.names().contains(name + "__sparse")) {
      assertMatches(name + "__sparse", sparse);
    }
    if (golden.names().contains(name + "__dense")) {
      assertMatches(name + "__dense", dense.broadcast(sparse.size(0), 32, 16, 16));
    }
    Map<String, INDArray> out = decode(sparse, dense, "masks", "iou");
    assertMatches(name + "__multi__lowres", candidates(out.get("masks")));
    assertMatches(name + "__multi__iou", candidates(out.get("iou")));
    assertMatches(name + "__single__lowres", single(out.get("masks")));
    assertMatches(name + "__single__iou", single(out.get("iou")));
  }

  @Test
  void everyStageOfTheMaskDecoderIsThatOfTheFixtures() {
    Map<String, String> stages = new HashMap<>();
    for (SDVariable v : decoder.variables()) {
      stages.put(arrayOf(v.name()), v.name());
    }
    // What the last layer gives is what the transformer gives.
    stages.put("p1__transformer__keys", "mask_decoder.transformer.layers.1.keys");
    Set<String> expected = new TreeSet<>(golden.names());
    expected.removeIf(name -> !name.matches("p1__(transformer|output).*"));
    stages.keySet().retainAll(expected);
    assertEquals(expected, new TreeSet<>(stages.keySet()));
    Map<String, INDArray> out =
        decode(sparse("p1"), dense("p1"), stages.values().toArray(new String[0]));
    stages.forEach(
        (array, variable) ->
            assertMatches(array, out.get(variable).reshape(golden.array(array).shape())));
  }

  @Test
  void aBatchOfEmbeddingsGivesWhatEachGivesAlone() {
    INDArray embeddings = Nd4j.concat(0, embedding(), embedding().mul(-0.5), embedding().add(0.25));
    INDArray sparse = sparse("batch_all");
    INDArray dense = dense("batch_all");
    INDArray together = decode(embeddings, sparse, dense, "masks").get("masks");
    for (int i = 0; i < 3; i++) {
      INDArray alone =
          decode(row(embeddings, i), row(sparse, i), row(dense, i), "masks").get("masks");
      double difference = row(together, i).sub(alone).amaxNumber().doubleValue();
      assertEquals(0, difference, 2e-6, "embedding " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "vit_b"})
  void keysAndShapesAreThoseOfTheFixtures(String model) {
    boolean small = model.equals("small");
    EncoderConfig encoder = small ? ENCODER : VitConfig.VIT_B;
    MaskDecoderConfig config = small ? DECODER : MaskDecoderConfig.SAM;
    FillWeights weights = new FillWeights();
    PromptEncoder.build(encoder, config, weights);
    FillKeys.assertKeys(model, "prompt_encoder.", weights.shapes());
    weights = new FillWeights();
    MaskDecoder.build(encoder, config, weights);
    FillKeys.assertKeys(model, "mask_decoder.", weights.shapes());
  }

  /** The fixtures name a stage by the module's path with underscores for dots. */
  private static String arrayOf(String variable) {
    return "p1__"
        + variable
            .replaceFirst("^mask_decoder\\.", "")
            .replace(".norm_final_attn", "__queries")
            .replaceFirst("\\.(queries|keys)$", "__$1")
            .replace('.', '_');
  }

  private INDArray sparse(String name) {
    List<INDArray> points = new ArrayList<>();
    List<INDArray> labels = new ArrayList<>();
    boolean box = golden.names().contains(name + "__boxes");
    if (golden.names().contains(name + "__coords")) {
      points.add(array(name + "__coords"));
      labels.add(array(name + "__labels"));
      if (!box) {
        long n = points.get(0).size(0);
        points.add(Nd4j.zeros(n, 1, 2));
        labels.add(Nd4j.ones(n, 1).neg());
      }
    }
    if (box) {
      INDArray boxes = array(name + "__boxes");
      points.add(boxes.reshape(boxes.size(0), 2, 2));
      labels.add(Nd4j.createFromArray(2f, 3f).reshape(1, 2).repeat(0, boxes.size(0)));
    }
    if (points.isEmpty()) {
      return Nd4j.create(1, 0, 32);
    }
    return prompt(
        "sparse",
        Map.of(
            "points", Nd4j.concat(1, points.toArray(new INDArray[0])),
            "labels", Nd4j.concat(1, labels.toArray(new INDArray[0]))));
  }

  private INDArray dense(String name) {
    return golden.names().contains(name + "__mask")
        ? prompt("dense", Map.of("mask", array(name + "__mask")))
        : prompt("no_mask", Map.of());
  }

  private INDArray prompt(String output, Map<String, INDArray> inputs) {
    return prompts.output(inputs, output).get(output);
  }

  private Map<String, INDArray> decode(INDArray sparse, INDArray dense, String... outputs) {
    return decode(embedding(), sparse, dense, outputs);
  }

  private Map<String, INDArray> decode(
      INDArray embedding, INDArray sparse, INDArray dense, String... outputs) {
    INDArray densePe = prompt("dense_pe", Map.of());
    return decoder.output(
        Map.of("embedding", embedding, "sparse", sparse, "dense", dense, "dense_pe", densePe),
        outputs);
  }

  private static INDArray embedding() {
    return Goldens.array(Golden.open("small_encoder"), "embedding");
  }

  private INDArray array(String name) {
    return Goldens.array(golden, name);
  }

  private static INDArray row(INDArray x, int i) {
    return x.get(NDArrayIndex.interval(i, i + 1));
  }

  private static INDArray candidates(INDArray x) {
    return x.get(NDArrayIndex.all(), NDArrayIndex.interval(1, x.size(1)));
  }

  private static INDArray single(INDArray x) {
    return x.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 1));
  }

  private void assertMatches(String name, INDArray actual) {
    Goldens.assertMatches(golden, name, actual);
  }
}
