package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.golden.Golden;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.VitConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Prompt encoder and mask decoder against the fixtures, through plain SameDiff. */
class DecoderGoldenTest {
  private static final VitConfig ENCODER =
      new VitConfig(256, 16, 48, 4, 4, 192, 7, List.of(1, 3), 32);
  private static final MaskDecoderConfig DECODER = new MaskDecoderConfig(3, 2, 8, 64, 3, 32, 16);

  private final Golden golden = Golden.open("small_prompts");
  private final DecoderGraphs graphs = new DecoderGraphs(golden, ENCODER, DECODER);

  @Test
  void positionalEncodingOfTheImageIsThatOfTheFixtures() {
    assertMatches("dense_pe", graphs.densePe());
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
    INDArray sparse = graphs.sparse(name);
    INDArray dense = graphs.dense(name);
    if (golden.names().contains(name + "__sparse")) {
      assertMatches(name + "__sparse", sparse);
    }
    if (golden.names().contains(name + "__dense")) {
      assertMatches(name + "__dense", dense.broadcast(sparse.size(0), 32, 16, 16));
    }
    Map<String, INDArray> out = decode(sparse, dense, "masks", "iou");
    assertMatches(name + "__multi__lowres", DecoderGraphs.candidates(out.get("masks")));
    assertMatches(name + "__multi__iou", DecoderGraphs.candidates(out.get("iou")));
    assertMatches(name + "__single__lowres", DecoderGraphs.single(out.get("masks")));
    assertMatches(name + "__single__iou", DecoderGraphs.single(out.get("iou")));
  }

  @Test
  void everyStageOfTheMaskDecoderIsThatOfTheFixtures() {
    Map<String, String> stages = new HashMap<>();
    for (SDVariable v : graphs.decoder().variables()) {
      stages.put(arrayOf(v.name()), v.name());
    }
    // What the last layer gives is what the transformer gives.
    stages.put("p1__transformer__keys", "mask_decoder.transformer.layers.1.keys");
    Set<String> expected = new TreeSet<>(golden.names());
    expected.removeIf(name -> !name.matches("p1__(transformer|output).*"));
    stages.keySet().retainAll(expected);
    assertEquals(expected, new TreeSet<>(stages.keySet()));
    Map<String, INDArray> out =
        decode(graphs.sparse("p1"), graphs.dense("p1"), stages.values().toArray(new String[0]));
    stages.forEach(
        (array, variable) ->
            assertMatches(array, out.get(variable).reshape(golden.array(array).shape())));
  }

  @Test
  void aBatchOfEmbeddingsGivesWhatEachGivesAlone() {
    INDArray embeddings = Nd4j.concat(0, embedding(), embedding().mul(-0.5), embedding().add(0.25));
    INDArray sparse = graphs.sparse("batch_all");
    INDArray dense = graphs.dense("batch_all");
    INDArray together = graphs.decode(embeddings, sparse, dense, "masks").get("masks");
    for (int i = 0; i < 3; i++) {
      INDArray alone =
          graphs.decode(row(embeddings, i), row(sparse, i), row(dense, i), "masks").get("masks");
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

  private Map<String, INDArray> decode(INDArray sparse, INDArray dense, String... outputs) {
    return graphs.decode(embedding(), sparse, dense, outputs);
  }

  private static INDArray embedding() {
    return Goldens.array(Golden.open("small_encoder"), "embedding");
  }

  private static INDArray row(INDArray x, int i) {
    return x.get(NDArrayIndex.interval(i, i + 1));
  }

  private void assertMatches(String name, INDArray actual) {
    Goldens.assertMatches(golden, name, actual);
  }
}
