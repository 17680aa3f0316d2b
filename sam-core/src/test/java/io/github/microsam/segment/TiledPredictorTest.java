package io.github.microsam.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.label.RunLengths;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.PromptException;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.VitConfig;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.imglib2.FinalInterval;
import net.imglib2.img.array.ArrayImgs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TiledPredictorTest {
  private static final int WIDTH = 150;
  private static final int HEIGHT = 90;
  private static final int LAST = 2; // of three tiles in a row

  private final SamModel model =
      SamModel.random(
          new SamConfig(
              new VitConfig(64, 16, 16, 1, 2, 32, 2, List.of(0), 16),
              new MaskDecoderConfig(3, 2, 2, 32, 3, 16, 8),
              Optional.empty()),
          1);
  private final SamPredictor predictor = new SamPredictor(model);
  private final ImageSource image = noise();
  private final Tiling tiling = Tiling.square(WIDTH, HEIGHT, 64, 8);
  private final TiledPredictor tiled =
      new TiledPredictor(predictor, TileEmbeddings.compute(predictor, image, tiling));

  private static ImageSource noise() {
    byte[] grey = new byte[WIDTH * HEIGHT];
    new Random(3).nextBytes(grey);
    return ImageSource.of(ArrayImgs.unsignedBytes(grey, WIDTH, HEIGHT));
  }

  @AfterEach
  void close() {
    model.close();
  }

  /** What the model says of a tile by itself. */
  private Prediction alone(int tile, Prompt prompt) {
    return predictor.predict(predictor.embed(image.part(tiling.outer(tile))), prompt);
  }

  private void assertSame(int tile, Prediction expected, TiledPredictor.Answer actual) {
    Tiling.Region outer = tiling.outer(tile);
    FinalInterval frame =
        FinalInterval.createMinSize(outer.x(), outer.y(), outer.width(), outer.height());
    RunLengths mask = RunLengths.of(frame, RunLengths.of(expected.mask()).counts());
    assertTrue(mask.area() > 0);
    assertEquals(mask, actual.mask().within(frame));
    assertEquals(expected.iouPrediction(), actual.prediction().iouPrediction());
  }

  @Test
  void eachPromptIsAnsweredByItsTileInTheirOrder() {
    List<TiledPredictor.Answer> answers =
        tiled.predict(List.of(Prompt.point(140, 20), Prompt.point(10, 30), Prompt.point(139, 80)));
    Tiling.Region last = tiling.outer(LAST);
    assertSame(LAST, alone(LAST, Prompt.point(140 - last.x(), 20)), answers.get(0));
    assertSame(0, alone(0, Prompt.point(10, 30)), answers.get(1));
    Tiling.Region below = tiling.outer(LAST + 3);
    Prompt seen = Prompt.point(139 - below.x(), 80 - below.y());
    assertSame(LAST + 3, alone(LAST + 3, seen), answers.get(2));
  }

  @Test
  void aBoxBelongsToTheTileOfItsMiddleAndEndsThere() {
    Tiling.Region last = tiling.outer(LAST);
    Prompt box = Prompt.box(110, 10, 149, 50).and(Prompt.negative(5, 5));
    Prompt seen = Prompt.box(0, 10, 149 - last.x(), 50);
    assertEquals(120, last.x());
    assertSame(LAST, alone(LAST, seen), tiled.predict(List.of(box)).get(0));
  }

  @Test
  void wherePromptsDoNotTellThePlaceTheyAreRefused() {
    List<Prompt> prompts = List.of(Prompt.negative(5, 5));
    String message = assertThrows(PromptException.class, () -> tiled.predict(prompts)).getMessage();
    assertTrue(message.contains("positive point"), message);
  }

  @Test
  void anImageThatIsNotCutGetsPromptsAsTheyAre() {
    TiledPredictor whole = new TiledPredictor(predictor, TileEmbeddings.of(predictor.embed(image)));
    Prompt prompt = Prompt.point(140, 20).and(Prompt.negative(5, 5));
    RunLengths expected = RunLengths.of(predictor.predict(predictor.embed(image), prompt).mask());
    RunLengths actual = whole.predict(List.of(prompt)).get(0).mask();
    assertEquals(expected, actual.within(expected.frame()));
  }
}
