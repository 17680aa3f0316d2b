package io.github.microsam.model;

import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Prompt encoder and mask decoder of the published size, on the embedding of a full-size encoder.
 */
final class FullSizeDecoder {
  private final Golden golden;
  private final DecoderGraphs graphs;

  /**
   * The networks with the weights of the fixtures.
   *
   * @param golden full_vit_b or full_vit_t
   * @param encoder the encoder of that set
   */
  FullSizeDecoder(Golden golden, EncoderConfig encoder) {
    this.golden = golden;
    graphs = new DecoderGraphs(golden, encoder, MaskDecoderConfig.SAM);
  }

  /** Fails unless the image's positional encoding is that of the set. */
  void assertDensePe() {
    INDArray sample =
        graphs.densePe().get(NDArrayIndex.point(0), every(16, 256), every(4, 64), every(4, 64));
    Goldens.assertMatches(golden, "dense_pe_sub", sample);
  }

  /**
   * Fails unless a case of the set gives its masks and IoU predictions, single and candidates,
   * through plain SameDiff and by the kernels.
   */
  void assertMasks(INDArray embedding, String name) {
    INDArray dense = name.equals("p1_mask") ? graphs.dense(mask()) : graphs.dense(name);
    assertMasks(graphs.decode(embedding, graphs.sparse(name), dense, "masks", "iou"), name);
    assertMasks(
        graphs.decodeByKernels(embedding, graphs.sparse(name), dense, "masks", "iou"), name);
  }

  private void assertMasks(Map<String, INDArray> out, String name) {
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

  private static INDArrayIndex every(int step, int size) {
    return NDArrayIndex.interval(0, step, size);
  }
}
