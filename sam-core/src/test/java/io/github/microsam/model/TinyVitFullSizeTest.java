package io.github.microsam.model;

import io.github.microsam.engine.Engine;
import io.github.microsam.engine.KernelProviders;
import io.github.microsam.golden.Golden;
import io.github.microsam.golden.NpyArray;
import io.github.microsam.image.ImagePreparation;
import io.github.microsam.image.ImageSource;
import io.github.microsam.weights.TinyVitConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.view.Views;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** vit_t at 1024 × 1024 pixels and the decoder on its embedding, through plain SameDiff. */
class TinyVitFullSizeTest {
  private static final String EMBEDDING = "embedding";

  private static Golden golden;
  private static INDArray input;
  private static Map<String, INDArray> out;

  @BeforeAll
  static void encodeOnce() {
    golden = Golden.open("full_vit_t");
    NpyArray image = Golden.open("full_image").array("image");
    byte[] bytes = new byte[image.values().length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (int) image.values()[i];
    }
    ImageSource source =
        ImageSource.of(Views.moveAxis(ArrayImgs.unsignedBytes(bytes, 3, 512, 512), 0, 2));
    float[] pixels = ImagePreparation.eightBit(1024).prepare(source).pixels();
    input = Nd4j.createFromArray(pixels).reshape(1, 3, 1024, 1024);
    SameDiff sd = ImageEncoder.build(TinyVitConfig.VIT_T, new FillWeights());
    String[] stages = {
      "patch_embed", "layers.0.blocks.0", "layers.0.downsample", "layers.1.blocks.0",
      "layers.1.downsample", "layers.2.blocks.0", "layers.2.downsample", "layers.3.blocks.1"
    };
    String[] names = new String[stages.length + 1];
    for (int i = 0; i < stages.length; i++) {
      names[i] = "image_encoder." + stages[i];
    }
    names[stages.length] = EMBEDDING;
    out = sd.output(Map.of("image", input), names);
  }

  @AfterAll
  static void forget() {
    input = null;
    out = null;
  }

  @Test
  void everyStageIsThatOfTheFixtures() {
    Map<String, INDArray> samples = new LinkedHashMap<>();
    samples.put("patch_embed_sub", pixels("patch_embed", 4, 32));
    samples.put("layers_0_blocks_0_sub", pixels("layers.0.blocks.0", 4, 32));
    // A stage ends with the step to the next one, whose pixels the reference lists as tokens.
    samples.put("layers_0_sub", tokens(merged("layers.0.downsample"), 256, 4));
    samples.put("layers_1_blocks_0_sub", tokens(stage("layers.1.blocks.0"), 256, 4));
    samples.put("layers_1_sub", tokens(merged("layers.1.downsample"), 64, 5));
    samples.put("layers_2_blocks_0_sub", tokens(stage("layers.2.blocks.0"), 64, 5));
    samples.put("layers_2_sub", tokens(merged("layers.2.downsample"), 64, 10));
    samples.put("layers_3_sub", tokens(stage("layers.3.blocks.1"), 64, 10));
    samples.forEach((name, sample) -> Goldens.assertMatches(golden, name, sample));
  }

  @Test
  void theEmbeddingIsThatOfTheFixtures() {
    INDArray embedding = out.get(EMBEDDING);
    Goldens.assertMatches(golden, "embedding_sub", sample(embedding, 16, 4));
    INDArray channels = embedding.castTo(DataType.DOUBLE).reshape(256, 64 * 64);
    Goldens.assertMatches(golden, "embedding_mean", channels.mean(1));
    Goldens.assertMatches(golden, "embedding_std", channels.std(false, 1));
  }

  @Test
  void theEngineWithItsKernelsGivesTheSameEmbedding() {
    Network network =
        ImageEncoder.network(
            TinyVitConfig.VIT_T, Optional.empty(), ModelOptions.defaults(), new FillWeights());
    try (Engine engine =
        new Engine(network.graph(), network.regions(), KernelProviders.available())) {
      INDArray embedding = engine.run(Map.of("image", input), List.of(EMBEDDING)).get(EMBEDDING);
      Goldens.assertMatches(golden, "embedding_sub", sample(embedding, 16, 4));
      INDArray channels = embedding.castTo(DataType.DOUBLE).reshape(256, 64 * 64);
      Goldens.assertMatches(golden, "embedding_mean", channels.mean(1));
    }
  }

  @Test
  void withoutBiasesTheEmbeddingIsThatOfMicroSam() {
    Scope s = Scope.root(new FillWeights());
    SDVariable image = s.sd().placeHolder("image", DataType.FLOAT, -1, 3, 1024, 1024);
    SDVariable output =
        TinyVit.add(
            s.at("image_encoder"),
            image,
            TinyVitConfig.VIT_T,
            AttentionBiases.IGNORED,
            BatchStatistics.RUNNING);
    INDArray embedding = s.sd().outputSingle(Map.of("image", input), output.name());
    Goldens.assertMatches(golden, "embedding_sub_microsam_load", sample(embedding, 16, 4));
    INDArray channels = embedding.castTo(DataType.DOUBLE).reshape(256, 64 * 64);
    Goldens.assertMatches(golden, "embedding_mean_microsam_load", channels.mean(1));
  }

  @ParameterizedTest
  @EnumSource
  void mapsAreThoseOfTheFixtures(BatchStatistics statistics) {
    FullSizeUnetr.assertMaps(golden, out.get(EMBEDDING), statistics);
  }

  @ParameterizedTest
  @ValueSource(strings = {"p1", "p3", "box", "box_p2", "p1_mask", "batch_box"})
  void masksAreThoseOfTheFixtures(String name) {
    new FullSizeDecoder(golden, TinyVitConfig.VIT_T).assertMasks(out.get(EMBEDDING), name);
  }

  @Test
  void positionalEncodingOfTheImageIsThatOfTheFixtures() {
    new FullSizeDecoder(golden, TinyVitConfig.VIT_T).assertDensePe();
  }

  private static INDArray stage(String module) {
    return out.get("image_encoder." + module);
  }

  private static INDArray merged(String module) {
    return stage(module).permute(0, 2, 3, 1).dup('c');
  }

  private static INDArray pixels(String module, int channelStep, int step) {
    return sample(stage(module), channelStep, step);
  }

  /** Some channels, rows and columns of {@code [1, C, H, W]}. */
  private static INDArray sample(INDArray x, int channelStep, int step) {
    INDArrayIndex pixels = NDArrayIndex.interval(0, step, x.size(2));
    INDArrayIndex channels = NDArrayIndex.interval(0, channelStep, x.size(1));
    return x.get(NDArrayIndex.point(0), channels, pixels, pixels);
  }

  /** Some tokens and channels of {@code [1, H, W, C]}. */
  private static INDArray tokens(INDArray x, int step, int channelStep) {
    INDArray rows = x.reshape(x.size(1) * x.size(2), x.size(3));
    return rows.get(
        NDArrayIndex.interval(0, step, rows.size(0)),
        NDArrayIndex.interval(0, channelStep, rows.size(1)));
  }
}
