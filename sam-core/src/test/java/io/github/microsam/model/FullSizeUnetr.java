package io.github.microsam.model;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.KernelProviders;
import io.github.microsam.golden.Golden;
import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.MaskUpscaling;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** micro-sam's decoder in its published size, on the embedding of a full-size encoder. */
final class FullSizeUnetr {
  private FullSizeUnetr() {}

  /**
   * Fails unless the maps are those of a set of the fixtures, full_vit_b or full_vit_t.
   *
   * @param golden the set
   * @param embedding of its encoder, {@code [1, 256, 64, 64]}
   * @param statistics what the batch norms normalise with
   */
  static void assertMaps(Golden golden, INDArray embedding, BatchStatistics statistics) {
    SameDiff sd = network(statistics).graph();
    compare(
        golden,
        sd.outputSingle(Map.of(UnetrDecoder.EMBEDDING, embedding), UnetrDecoder.MAPS),
        statistics);
  }

  /** The same through the engine with its kernels. */
  static void assertMapsOfTheEngine(Golden golden, INDArray embedding, BatchStatistics statistics) {
    Network network = network(statistics);
    try (Engine engine =
        new Engine(network.graph(), network.regions(), KernelProviders.available())) {
      Map<String, INDArray> out =
          engine.run(Map.of(UnetrDecoder.EMBEDDING, embedding), List.of(UnetrDecoder.MAPS));
      compare(golden, out.get(UnetrDecoder.MAPS), statistics);
    }
  }

  private static Network network(BatchStatistics statistics) {
    return UnetrDecoder.network(
        UnetrConfig.MICRO_SAM, VitConfig.VIT_B, statistics, new FillWeights());
  }

  private static void compare(Golden golden, INDArray maps, BatchStatistics statistics) {
    CoordinateTransform image = new CoordinateTransform(512, 512, 1024, 1024);
    float[] ofTheImage = new MaskUpscaling(1024, 1024, image).logits(maps.data().asFloat());
    INDArrayIndex all = NDArrayIndex.all();
    INDArrayIndex every8th = NDArrayIndex.interval(0, 8, 512);
    INDArray sample =
        Nd4j.createFromArray(ofTheImage).reshape(1, 3, 512, 512).get(all, all, every8th, every8th);
    String name = statistics == BatchStatistics.BATCH ? "unetr_train_sub" : "unetr_eval_sub";
    Goldens.assertMatches(golden, name, sample);
  }
}
