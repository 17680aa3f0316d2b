package io.github.microsam.model;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.KernelProviders;
import io.github.microsam.golden.Golden;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Prompt encoder and mask decoder of the fixtures, run on their cases through plain SameDiff. */
final class DecoderGraphs {
  private final Golden golden;
  private final long channels;
  private final SameDiff prompts;
  private final SameDiff decoder;
  private final Engine engine;

  DecoderGraphs(Golden golden, EncoderConfig encoder, MaskDecoderConfig config) {
    this.golden = golden;
    channels = encoder.outChannels();
    prompts = PromptEncoder.build(encoder, config, new FillWeights());
    Network network = MaskDecoder.network(encoder, config, new FillWeights());
    decoder = network.graph();
    engine = new Engine(decoder, network.regions(), KernelProviders.available());
  }

  SameDiff decoder() {
    return decoder;
  }

  /** The sparse tokens of a case: points, padding if there is no box, corners. */
  INDArray sparse(String name) {
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
      return Nd4j.create(1, 0, channels);
    }
    return prompt(
        "sparse",
        Map.of(
            "points", Nd4j.concat(1, points.toArray(new INDArray[0])),
            "labels", Nd4j.concat(1, labels.toArray(new INDArray[0]))));
  }

  /** The dense tokens of a case. */
  INDArray dense(String name) {
    return golden.names().contains(name + "__mask")
        ? dense(array(name + "__mask"))
        : prompt("no_mask", Map.of());
  }

  /** The dense tokens of a mask prompt. */
  INDArray dense(INDArray mask) {
    return prompt("dense", Map.of("mask", mask));
  }

  INDArray densePe() {
    return prompt("dense_pe", Map.of());
  }

  Map<String, INDArray> decode(
      INDArray embedding, INDArray sparse, INDArray dense, String... outputs) {
    return decoder.output(
        Map.of("embedding", embedding, "sparse", sparse, "dense", dense, "dense_pe", densePe()),
        outputs);
  }

  /** The same through the engine with its kernels. */
  Map<String, INDArray> decodeByKernels(
      INDArray embedding, INDArray sparse, INDArray dense, String... outputs) {
    return engine.run(
        Map.of("embedding", embedding, "sparse", sparse, "dense", dense, "dense_pe", densePe()),
        List.of(outputs));
  }

  /** What the decoder gives with {@code multimask_output=True}. */
  static INDArray candidates(INDArray x) {
    return x.get(NDArrayIndex.all(), NDArrayIndex.interval(1, x.size(1)));
  }

  /** What the decoder gives with {@code multimask_output=False}. */
  static INDArray single(INDArray x) {
    return x.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 1));
  }

  private INDArray prompt(String output, Map<String, INDArray> inputs) {
    return prompts.output(inputs, output).get(output);
  }

  private INDArray array(String name) {
    return Goldens.array(golden, name);
  }
}
