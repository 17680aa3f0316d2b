package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.microsam.golden.Fill;
import io.github.microsam.golden.Golden;
import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.ImagePreparation;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.MaskUpscaling;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The UNETR decoder on the embedding of the small encoder, through plain SameDiff. */
class UnetrDecoderTest {
  private static final VitConfig SMALL = VitEncoderGoldenTest.SMALL;
  private static final CoordinateTransform IMAGE = new CoordinateTransform(240, 180, 256, 192);
  private static final UnetrConfig F4 = new UnetrConfig(4, 4, false, 3);
  private static final UnetrConfig F4_TRANSPOSED = new UnetrConfig(4, 4, true, 3);
  private static final UnetrConfig F64 = UnetrConfig.MICRO_SAM;

  private final Golden golden = Golden.open("small_unetr");

  @ParameterizedTest
  @EnumSource
  void everyStageIsThatOfTheFixtures(BatchStatistics statistics) {
    Map<String, String> stages = Map.of("decoder", "decoder.blocks.2");
    String prefix = statistics == BatchStatistics.BATCH ? "f4_train__" : "f4_eval__";
    String[] names = {
      "deconv1",
      "deconv2",
      "deconv3",
      "deconv4",
      "base",
      "decoder.samplers.0",
      "decoder.blocks.0",
      "decoder",
      "deconv_out",
      "decoder_head",
      "out_conv"
    };
    String[] variables =
        Arrays.stream(names).map(n -> stages.getOrDefault(n, n)).toArray(String[]::new);
    Map<String, INDArray> out =
        run(UnetrDecoder.build(F4, SMALL, statistics, new FillWeights()), variables);
    for (int i = 0; i < names.length; i++) {
      String array = prefix + names[i].replace('.', '_');
      INDArray activation = out.get(variables[i]);
      long step = activation.size(3) / golden.array(array).shape()[3];
      Goldens.assertMatches(golden, array, every((int) step, activation));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "f4, BATCH, f4_train, 2", "f4, RUNNING, f4_eval, 2",
    "f4t, BATCH, f4t_train, 2", "f4t, RUNNING, f4t_eval, 2",
    "f64, BATCH, f64_train, 1", "f64, RUNNING, f64_eval, 1"
  })
  void mapsAtTheImagesSizeAreThoseOfTheFixtures(
      String decoder, BatchStatistics statistics, String array, int step) {
    UnetrConfig config =
        switch (decoder) {
          case "f4" -> F4;
          case "f4t" -> F4_TRANSPOSED;
          default -> F64;
        };
    SameDiff sd = UnetrDecoder.build(config, SMALL, statistics, new FillWeights());
    INDArray maps = run(sd, UnetrDecoder.MAPS).get(UnetrDecoder.MAPS);
    assertArrayEquals(new long[] {1, 3, 256, 256}, maps.shape());
    Goldens.assertMatches(golden, array + "__out", every(step, ofTheImage(maps)));
  }

  @Test
  void fromImageToMapsEverythingIsThatOfTheFixtures() {
    byte[] image = Fill.image(180, 240);
    ImageSource source =
        ImageSource.of(Views.moveAxis(ArrayImgs.unsignedBytes(image, 3, 240, 180), 0, 2));
    float[] pixels =
        new ImagePreparation(256, ImagePreparation.Values.FLOAT).prepare(source).pixels();
    INDArray input = Nd4j.createFromArray(pixels).reshape(1, 3, 256, 256);
    Goldens.assertMatches(golden, "unetr_input_s4", every(4, input));
    SameDiff encoder = ImageEncoder.build(SMALL, new FillWeights());
    INDArray embedding = encoder.outputSingle(Map.of("image", input), "embedding");
    Map<String, UnetrConfig> decoders = Map.of("f4", F4, "f4t", F4_TRANSPOSED, "f64", F64);
    decoders.forEach(
        (name, config) -> {
          SameDiff sd =
              UnetrDecoder.build(config, SMALL, BatchStatistics.RUNNING, new FillWeights());
          INDArray maps = ofTheImage(maps(sd, embedding));
          Goldens.assertMatches(golden, name + "_eval__unetr_forward", every(2, maps));
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void statisticsOfTheBatchUpdateTheRunningAverages(boolean transposed) {
    UnetrConfig config = transposed ? F4_TRANSPOSED : F4;
    SameDiff sd = UnetrDecoder.build(config, SMALL, BatchStatistics.BATCH, new FillWeights());
    String norm = "deconv1.block.2.";
    Map<String, INDArray> out = run(sd, norm + "batch_mean", norm + "batch_var");
    String prefix = (transposed ? "f4t" : "f4") + "_train__deconv1_block_2_running_";
    for (String statistic : List.of("mean", "var")) {
      INDArray running = sd.getVariable(norm + "running_" + statistic).getArr();
      INDArray updated = running.mul(0.9).add(out.get(norm + "batch_" + statistic).mul(0.1));
      Goldens.assertMatches(golden, prefix + statistic + "_after1", updated);
    }
  }

  @ParameterizedTest
  @CsvSource({"unetr_f4, f4", "unetr_f4_convtranspose, f4t", "unetr_full, full"})
  void keysAndShapesAreThoseOfTheFixtures(String model, String decoder) {
    UnetrConfig config =
        switch (decoder) {
          case "f4" -> F4;
          case "f4t" -> F4_TRANSPOSED;
          default -> F64;
        };
    FillWeights weights = new FillWeights();
    EncoderConfig encoder = decoder.equals("full") ? VitConfig.VIT_B : SMALL;
    UnetrDecoder.build(config, encoder, BatchStatistics.BATCH, weights);
    FillKeys.assertKeys(model, "", weights.shapesWith(UnetrDecoder.carried(config)));
  }

  @Test
  void runningStatisticsTreatEachImageOfABatchAlone() {
    SameDiff sd = UnetrDecoder.build(F4, SMALL, BatchStatistics.RUNNING, new FillWeights());
    INDArray first = embedding();
    INDArray second = first.mul(-0.5);
    INDArray together = maps(sd, Nd4j.concat(0, first, second));
    assertClose(maps(sd, first), together.get(NDArrayIndex.interval(0, 1)), 2e-5);
    assertClose(maps(sd, second), together.get(NDArrayIndex.interval(1, 2)), 2e-5);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void levelsFollowTheNumberOfUpsamplings(int upsamplings) {
    UnetrConfig config = new UnetrConfig(2, upsamplings, false, 1);
    Scope s = Scope.root(new FillWeights());
    SDVariable embedding = s.sd().placeHolder("embedding", DataType.FLOAT, -1, 6, 4, 4);
    SDVariable maps = UnetrDecoder.add(s, embedding, config, 6, 4, BatchStatistics.BATCH);
    INDArray out = s.sd().outputSingle(Map.of("embedding", Nd4j.rand(2, 6, 4, 4)), maps.name());
    long side = 4L << upsamplings;
    assertArrayEquals(new long[] {2, 1, side, side}, out.shape());
  }

  @Test
  void anOddNumberOfInitialFeaturesIsRefused() {
    UnetrConfig odd = new UnetrConfig(3, 4, false, 3);
    FillWeights weights = new FillWeights();
    assertThrows(
        IllegalArgumentException.class,
        () -> UnetrDecoder.build(odd, SMALL, BatchStatistics.BATCH, weights));
  }

  @ParameterizedTest
  @CsvSource({"false, BATCH", "true, RUNNING"})
  void gradientsAreThoseOfCentralDifferences(boolean transposed, BatchStatistics statistics) {
    UnetrConfig config = new UnetrConfig(2, 2, transposed, 2);
    Scope s = new Scope(SameDiff.create(), DataType.DOUBLE, new FillWeights(), "");
    SDVariable embedding = s.sd().placeHolder("embedding", DataType.DOUBLE, -1, 3, 3, 3);
    UnetrDecoder.add(s, embedding, config, 3, 3, statistics);
    INDArray in = Nd4j.linspace(-1, 1, 54, DataType.DOUBLE).mul(40);
    INDArray input = Nd4j.math().sin(in).reshape(2, 3, 3, 3);
    GradientCheck.assertGradients(s.sd(), Map.of("embedding", input), UnetrDecoder.MAPS);
  }

  private static INDArray embedding() {
    return Goldens.array(Golden.open("small_encoder"), "embedding");
  }

  private static Map<String, INDArray> run(SameDiff sd, String... outputs) {
    return sd.output(Map.of(UnetrDecoder.EMBEDDING, embedding()), outputs);
  }

  private static INDArray maps(SameDiff sd, INDArray embedding) {
    return sd.outputSingle(Map.of(UnetrDecoder.EMBEDDING, embedding), UnetrDecoder.MAPS);
  }

  private static void assertClose(INDArray expected, INDArray actual, double tolerance) {
    assertEquals(0, expected.sub(actual).amaxNumber().doubleValue(), tolerance);
  }

  /** Maps at the size of the image, whose longer side is that of the encoder's input. */
  private static INDArray ofTheImage(INDArray maps) {
    float[] pixels = new MaskUpscaling(256, 256, IMAGE).logits(maps.dup('c').data().asFloat());
    return Nd4j.createFromArray(pixels).reshape(1, 3, 180, 240);
  }

  /** Every step-th row and column. */
  private static INDArray every(int step, INDArray x) {
    INDArrayIndex all = NDArrayIndex.all();
    return x.get(
        all,
        all,
        NDArrayIndex.interval(0, step, x.size(2)),
        NDArrayIndex.interval(0, step, x.size(3)));
  }
}
