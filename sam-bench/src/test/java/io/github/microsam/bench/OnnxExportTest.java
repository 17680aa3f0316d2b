package io.github.microsam.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.SamModel;
import io.github.microsam.onnx.OnnxExport;
import io.github.microsam.weights.EncoderConfig;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.TinyVitConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ONNX Runtime computes the same from the files as we do from the graphs. */
class OnnxExportTest {
  /** Of the largest value of an output. */
  private static final double TOLERANCE = 1e-4;

  private static final MaskDecoderConfig DECODER = new MaskDecoderConfig(3, 2, 8, 64, 3, 32, 16);

  @TempDir Path folder;

  static Stream<SamConfig> small() {
    return Stream.of(
        small(
            new VitConfig(256, 16, 48, 4, 4, 192, 7, List.of(1, 3), 32),
            new UnetrConfig(16, 4, false, 3)),
        small(
            new TinyVitConfig(
                256,
                List.of(16, 32, 40, 80),
                List.of(2, 2, 2, 2),
                List.of(2, 4, 5, 10),
                List.of(7, 7, 14, 7),
                32),
            new UnetrConfig(16, 4, true, 3)));
  }

  private static SamConfig small(EncoderConfig encoder, UnetrConfig unetr) {
    return new SamConfig(encoder, DECODER, Optional.of(unetr));
  }

  @ParameterizedTest
  @MethodSource("small")
  void imageEncoderOfSmallModels(SamConfig config) {
    try (SamModel model = FilledModel.open(config)) {
      imageEncoder(model);
    }
  }

  @ParameterizedTest
  @MethodSource("small")
  void unetrDecoderOfSmallModels(SamConfig config) {
    try (SamModel model = FilledModel.open(config)) {
      unetr(model);
    }
  }

  @ParameterizedTest
  @MethodSource("small")
  void promptDecoderOfSmallModels(SamConfig config) {
    try (SamModel model = FilledModel.open(config)) {
      promptDecoder(model);
    }
  }

  @Test
  @Tag("long")
  void vitB() {
    all(new SamConfig(VitConfig.VIT_B, MaskDecoderConfig.SAM, Optional.of(UnetrConfig.MICRO_SAM)));
  }

  @Test
  @Tag("long")
  void vitT() {
    all(new SamConfig(TinyVitConfig.VIT_T, MaskDecoderConfig.SAM, Optional.empty()));
  }

  private void all(SamConfig config) {
    try (SamModel model = FilledModel.open(config)) {
      imageEncoder(model);
      promptDecoder(model);
      if (config.unetr().isPresent()) {
        unetr(model);
      }
    }
  }

  private void imageEncoder(SamModel model) {
    Path file = folder.resolve("encoder.onnx");
    assertEquals(List.of(file), OnnxExport.of(model).writeImageEncoder(file));
    int size = model.config().encoder().imageSize();
    float[] image = random(3 * size * size, 1.5f);
    try (OnnxSession session = new OnnxSession(file, 1)) {
      Map<String, float[]> actual = session.with("image", image, 1, 3, size, size).run();
      INDArray expected =
          model
              .imageEncoder()
              .run(Map.of("image", Nd4j.create(image, 1, 3, size, size)), List.of("embedding"))
              .get("embedding");
      assertClose("embedding", expected, actual.get("image_embeddings"));
    }
  }

  private void unetr(SamModel model) {
    Path file = folder.resolve("unetr.onnx");
    OnnxExport.of(model).writeUnetr(file);
    try (OnnxSession session = new OnnxSession(file, 1)) {
      INDArray embedding = embedding(model);
      Map<String, float[]> actual =
          session.with("image_embeddings", embedding.data().asFloat(), embedding.shape()).run();
      INDArray expected =
          model
              .unetr()
              .orElseThrow()
              .run(Map.of("embedding", embedding), List.of("maps"))
              .get("maps");
      assertClose("maps", expected, actual.get("maps"));
    }
  }

  private void promptDecoder(SamModel model) {
    Path file = folder.resolve("prompts.onnx");
    OnnxExport.of(model).writePromptDecoder(file);
    INDArray embedding = embedding(model);
    int size = model.config().encoder().imageSize();
    try (OnnxSession session = new OnnxSession(file, 1)) {
      session.with("image_embeddings", embedding.data().asFloat(), embedding.shape());
      for (Case c :
          List.of(new Case(1, 2, 0), new Case(3, 2, 1), new Case(3, 5, 3), new Case(1, 3, 1))) {
        float[] points = random(c.prompts * c.points * 2, size / 2f);
        for (int i = 0; i < points.length; i++) {
          points[i] += size / 2f;
        }
        float[] labels = new float[c.prompts * c.points];
        for (int i = 0; i < labels.length; i++) {
          labels[i] = i % 5 - 1;
        }
        long side = model.config().encoder().embeddingSize() * 4L;
        float[] mask = random((int) (Math.max(1, c.masks) * side * side), 8);
        Map<String, float[]> actual =
            session
                .with("point_coords", points, c.prompts, c.points, 2)
                .with("point_labels", labels, c.prompts, c.points)
                .with("mask_input", mask, Math.max(1, c.masks), 1, side, side)
                .with("has_mask_input", new float[] {c.masks > 0 ? 1 : 0}, 1)
                .run();
        Map<String, INDArray> expected =
            decode(
                model,
                embedding,
                Nd4j.create(points, c.prompts, c.points, 2),
                Nd4j.create(labels, c.prompts, c.points),
                c.masks == 0 ? null : Nd4j.create(mask, c.masks, 1, side, side));
        assertClose(c + " masks", expected.get("masks"), actual.get("low_res_masks"));
        assertClose(c + " iou", expected.get("iou"), actual.get("iou_predictions"));
      }
    }
  }

  private record Case(int prompts, int points, int masks) {}

  private static Map<String, INDArray> decode(
      SamModel model, INDArray embedding, INDArray points, INDArray labels, INDArray mask) {
    Map<String, INDArray> prompts =
        model
            .promptEncoder()
            .run(
                Map.of("points", points, "labels", labels),
                List.of("sparse", "no_mask", "dense_pe"));
    INDArray dense =
        mask == null
            ? prompts.get("no_mask")
            : model.promptEncoder().run(Map.of("mask", mask), List.of("dense")).get("dense");
    return model
        .maskDecoder()
        .run(
            Map.of(
                "embedding",
                embedding,
                "dense",
                dense,
                "dense_pe",
                prompts.get("dense_pe"),
                "sparse",
                prompts.get("sparse")),
            List.of("masks", "iou"));
  }

  private static INDArray embedding(SamModel model) {
    int channels = model.config().encoder().outChannels();
    int side = model.config().encoder().embeddingSize();
    return Nd4j.create(random(channels * side * side, 1), 1, channels, side, side);
  }

  /** Between plus and minus the scale. */
  private static float[] random(int length, float scale) {
    Random random = new Random(length);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = scale * (2 * random.nextFloat() - 1);
    }
    return values;
  }

  private static void assertClose(String what, INDArray array, float[] actual) {
    float[] expected = array.dup('c').data().asFloat();
    assertEquals(expected.length, actual.length, what);
    double largest = 0;
    double scale = 0;
    int where = 0;
    for (int i = 0; i < expected.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      double difference = Math.abs(expected[i] - actual[i]);
      if (difference > largest || Double.isNaN(difference)) {
        largest = difference;
        where = i;
      }
    }
    double relative = largest / scale;
    String message =
        "%s differs by %.1e of its scale at %d: %s, %s"
            .formatted(what, relative, where, expected[where], actual[where]);
    assertTrue(relative <= TOLERANCE, message);
  }
}
