package io.github.microsam.model;

import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.VitConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Prompt encoder and mask decoder at full size, on the embedding by ViT-B. */
class FullVitBDecoderTest {
  private final Golden golden = Golden.open("full_vit_b");
  private final DecoderGraphs graphs =
      new DecoderGraphs(golden, VitConfig.VIT_B, MaskDecoderConfig.SAM);

  @Test
  void positionalEncodingOfTheImageIsThatOfTheFixtures() {
    INDArray sample = graphs.densePe().get(at(0), every(16, 256), every(4, 64), every(4, 64));
    Goldens.assertMatches(golden, "dense_pe_sub", sample);
  }

  @ParameterizedTest
  @ValueSource(strings = {"p1", "p3", "box", "box_p2", "p1_mask", "batch_box"})
  void masksAreThoseOfTheFixtures(String name) {
    INDArray dense = name.equals("p1_mask") ? graphs.dense(mask()) : graphs.dense(name);
    Map<String, INDArray> out =
        graphs.decode(FullVitB.embedding(), graphs.sparse(name), dense, "masks", "iou");
    INDArray masks = out.get("masks");
    INDArray iou = out.get("iou");
    assertMatches(name + "__multi__lowres_sub", sample(DecoderGraphs.candidates(masks)));
    assertMatches(name + "__multi__iou", DecoderGraphs.candidates(iou));
    assertMatches(name + "__single__lowres_sub", sample(DecoderGraphs.single(masks)));
    assertMatches(name + "__single__iou", DecoderGraphs.single(iou));
  }

  private static INDArray mask() {
    float[] logits = Fill.uniform("test.mask_input.full", 256 * 256);
    return Nd4j.create(logits, 1, 1, 256, 256).muli(6);
  }

  /** Every eighth pixel; of a copy, because ND4J takes wrong views of views with steps. */
  private static INDArray sample(INDArray masks) {
    return masks.dup('c').get(NDArrayIndex.all(), NDArrayIndex.all(), every(8, 256), every(8, 256));
  }

  private void assertMatches(String name, INDArray actual) {
    Goldens.assertMatches(golden, name, actual);
  }

  private static INDArrayIndex at(int index) {
    return NDArrayIndex.point(index);
  }

  private static INDArrayIndex every(int step, int size) {
    return NDArrayIndex.interval(0, step, size);
  }
}
