package io.github.microsam.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.image.ImagePreparation;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.PreparedImage;
import io.github.microsam.model.SamModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SamPredictorTest {
  private static final int WIDTH = 240;
  private static final int HEIGHT = 180;

  /** Sums in another order, in a batch of another size. */
  private static final double ROUNDING = 5e-6;

  private static SamModel model;
  private static SamPredictor predictor;
  private static ImageEmbedding embedding;

  @BeforeAll
  static void embed() {
    model = SmallModel.open();
    predictor = new SamPredictor(model);
    embedding = predictor.embed(SmallModel.image(WIDTH, HEIGHT));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void aSinglePositivePointGetsTheBestCandidate() {
    Prompt point = Prompt.point(60, 70);
    List<Prediction> candidates = predictor.candidates(embedding, point);
    assertEquals(3, candidates.size());
    Prediction best = candidates.get(0);
    for (Prediction p : candidates) {
      best = p.iouPrediction() > best.iouPrediction() ? p : best;
    }
    assertSame(best, predictor.predict(embedding, point), 0);
  }

  @Test
  void anythingElseGetsTheSingleMask() {
    SamPredictor single = withChoice(PredictorOptions.Choice.SINGLE);
    SamPredictor best = withChoice(PredictorOptions.Choice.BEST);
    for (Prompt prompt : mixedPrompts(12)) {
      SamPredictor expected = prompt.isAmbiguous() ? best : single;
      assertSame(expected.predict(embedding, prompt), predictor.predict(embedding, prompt), 0);
    }
  }

  private static SamPredictor withChoice(PredictorOptions.Choice choice) {
    return new SamPredictor(model, PredictorOptions.defaults().withChoice(choice));
  }

  @Test
  void manyObjectsInOneCallGetTheMasksOfOneByOne() {
    List<Prompt> prompts = mixedPrompts(30);
    long[] bounds = {1, 20_000_000, 1L << 30};
    for (long bytes : bounds) {
      SamPredictor bounded =
          new SamPredictor(model, PredictorOptions.defaults().withMemoryBytes(bytes));
      List<Prediction> together = bounded.predict(embedding, prompts);
      for (int i = 0; i < prompts.size(); i++) {
        assertSame(predictor.predict(embedding, prompts.get(i)), together.get(i), ROUNDING);
      }
    }
  }

  @Test
  void noPromptsGetNoMasks() {
    assertEquals(List.of(), predictor.predict(embedding, List.of()));
    assertEquals(List.of(), predictor.embed(List.of()));
  }

  @Test
  void severalImagesInOneCallGetTheEmbeddingsOfOneByOne() {
    List<PreparedImage> images =
        List.of(
            SmallModel.image(WIDTH, HEIGHT),
            SmallModel.image(100, 300),
            SmallModel.image(256, 256));
    List<ImageEmbedding> together = predictor.embed(images);
    for (int i = 0; i < images.size(); i++) {
      ImageEmbedding alone = predictor.embed(images.get(i));
      assertEquals(alone.transform(), together.get(i).transform());
      assertClose(alone.features(), together.get(i).features(), ROUNDING);
    }
  }

  @Test
  void anImageIsPreparedWithItsContrastStretched() {
    byte[] pixels = new byte[50 * 40];
    new Random(3).nextBytes(pixels);
    ImageSource image = ImageSource.of(ArrayImgs.unsignedBytes(pixels, 50, 40));
    assertArrayEquals(
        predictor.embed(ImagePreparation.minMax(256).prepare(image)).features(),
        predictor.embed(image).features());
  }

  @Test
  void eightThreadsGetTheAnswersOfOne() throws Exception {
    List<Prompt> prompts = mixedPrompts(24);
    List<Prediction> expected = predictor.predict(embedding, prompts);
    ImageEmbedding expectedEmbedding = predictor.embed(SmallModel.image(90, 60));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int seed = t;
        done.add(
            threads.submit(
                () -> {
                  Random random = new Random(seed);
                  for (int i = 0; i < 12; i++) {
                    int p = random.nextInt(prompts.size());
                    Prediction actual = predictor.predict(embedding, prompts.get(p));
                    assertSame(expected.get(p), actual, ROUNDING);
                    if (i % 6 == seed % 6) {
                      assertArrayEquals(
                          expectedEmbedding.features(),
                          predictor.embed(SmallModel.image(90, 60)).features());
                    }
                  }
                }));
      }
      for (Future<?> d : done) {
        d.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void promptsThatMakeNoSenseHereAreRefusedBeforeAnythingRuns() {
    assertRefused("outside the image of 240 x 180", Prompt.point(240.5, 10));
    assertRefused(
        "outside the image of 240 x 180", Prompt.box(1, 1, 9, 9).and(Prompt.negative(5, -1)));
    assertRefused("outside the image", Prompt.box(-20, 10, -1, 30));
    assertRefused("Prompt.fromMask", Prompt.mask(new MaskLogits(new float[256 * 256], 256)));
  }

  private static void assertRefused(String message, Prompt prompt) {
    PromptException e =
        assertThrows(
            PromptException.class,
            () -> predictor.predict(embedding, List.of(Prompt.point(1, 1), prompt)));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void cornersOfTheImageAndBoxesOverItsEdgeAreFine() {
    List<Prompt> prompts =
        List.of(
            Prompt.point(0, 0), Prompt.point(WIDTH, HEIGHT), Prompt.box(-3.5, -2, WIDTH + 9, 200));
    assertEquals(3, predictor.predict(embedding, prompts).size());
  }

  @Test
  void anEmbeddingOfAnotherModelIsRefused() {
    try (SamModel other = SamModel.random(SmallModel.CONFIG, 5)) {
      SamPredictor stranger = new SamPredictor(other);
      PromptException e =
          assertThrows(
              PromptException.class, () -> stranger.predict(embedding, Prompt.point(1, 1)));
      assertTrue(e.getMessage().contains("another model"), e.getMessage());
    }
  }

  @Test
  void anImageForAnotherInputSizeIsRefused() {
    ImageSource image = ImageSource.of(ArrayImgs.unsignedBytes(9, 9));
    PreparedImage wrong = ImagePreparation.minMax(128).prepare(image);
    PromptException e = assertThrows(PromptException.class, () -> predictor.embed(wrong));
    assertTrue(e.getMessage().contains("input of 128 pixels"), e.getMessage());
  }

  /** Prompts of all kinds in turn. */
  private static List<Prompt> mixedPrompts(int count) {
    Random random = new Random(11);
    float[] logits = new float[64 * 64];
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Prompt point = Prompt.point(random.nextInt(WIDTH), random.nextInt(HEIGHT));
      int x = random.nextInt(100);
      Prompt box = Prompt.box(x, x / 2.0, x + 60, x + 50);
      for (int k = 0; k < logits.length; k++) {
        logits[k] = (float) random.nextGaussian();
      }
      Prompt mask = Prompt.mask(new MaskLogits(logits.clone(), 64));
      prompts.add(
          switch (i % 6) {
            case 0 -> point;
            case 1 -> point.and(Prompt.negative(5, 7));
            case 2 -> box;
            case 3 -> box.and(point);
            case 4 -> mask;
            default -> point.and(mask);
          });
    }
    return prompts;
  }

  private static void assertSame(Prediction expected, Prediction actual, double tolerance) {
    assertEquals(expected.iouPrediction(), actual.iouPrediction(), tolerance, "predicted IoU");
    assertClose(expected.lowResLogits().values(), actual.lowResLogits().values(), tolerance);
  }

  private static void assertClose(float[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length);
    int worst = 0;
    for (int i = 0; i < expected.length; i++) {
      if (Math.abs(expected[i] - actual[i]) > Math.abs(expected[worst] - actual[worst])) {
        worst = i;
      }
    }
    assertEquals(expected[worst], actual[worst], tolerance, "largest difference, at " + worst);
  }
}
