package io.github.microsam.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.microsam.golden.Golden;
import io.github.microsam.model.SamModel;
import java.util.List;
import net.imglib2.Cursor;
import net.imglib2.RandomAccess;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From an image and prompts to masks at the image's size, as the reference's predictor. */
class SamPredictorGoldenTest {
  private static final Prompt P1 = Prompt.point(60, 70);
  private static final Prompt P2 = P1.and(Prompt.negative(200, 40));
  private static final Prompt BOX = Prompt.box(30, 25, 140, 120);

  private static SamModel model;
  private static ImageEmbedding embedding;
  private final Golden golden = Golden.open("small_predictor");
  private final SamPredictor predictor = new SamPredictor(model);

  @BeforeAll
  static void embed() {
    model = SmallModel.open();
    embedding = new SamPredictor(model).embed(SmallModel.image(240, 180));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void candidatesOfAPointAreThoseOfTheReference() {
    check("p1_multi", predictor.candidates(embedding, P1));
  }

  @Test
  void theMaskOfAPositiveAndANegativePointIsThatOfTheReference() {
    check("p2_single", List.of(predictor.predict(embedding, P2)));
  }

  @Test
  void theMaskOfABoxIsThatOfTheReference() {
    check("box_single", List.of(predictor.predict(embedding, BOX)));
  }

  @Test
  void candidatesOfABoxWithPointsAreThoseOfTheReference() {
    check("box_p2_multi", predictor.candidates(embedding, BOX.and(P2)));
  }

  @Test
  void logitsOfOnePredictionArePromptsOfTheNext() {
    MaskLogits first = predictor.candidates(embedding, BOX.and(P2)).get(0).lowResLogits();
    Prediction second = predictor.predict(embedding, P1.and(Prompt.mask(first)));
    golden.assertMatches(
        "p1_maskinput_single__lowres", new long[] {1, 64, 64}, second.lowResLogits().values());
    golden.assertMatches(
        "p1_maskinput_single__iou", new long[] {1}, new float[] {second.iouPrediction()});
  }

  private void check(String name, List<Prediction> predictions) {
    int count = predictions.size();
    float[] iou = new float[count];
    float[] lowRes = new float[count * 64 * 64];
    float[] everySecond = new float[count * 90 * 120];
    int[] packed = new int[count * 180 * 240 / 8];
    for (int m = 0; m < count; m++) {
      Prediction p = predictions.get(m);
      iou[m] = p.iouPrediction();
      System.arraycopy(p.lowResLogits().values(), 0, lowRes, m * 64 * 64, 64 * 64);
      RandomAccess<FloatType> logits = p.logits().randomAccess();
      for (int i = 0; i < 90 * 120; i++) {
        everySecond[m * 90 * 120 + i] = logits.setPositionAndGet(i % 120 * 2, i / 120 * 2).get();
      }
      Cursor<NativeBoolType> mask = Views.flatIterable(p.mask()).cursor();
      for (int i = m * 180 * 240; mask.hasNext(); i++) {
        packed[i / 8] |= mask.next().get() ? 0x80 >> i % 8 : 0;
      }
    }
    golden.assertMatches(name + "__iou", new long[] {count}, iou);
    golden.assertMatches(name + "__lowres", new long[] {count, 64, 64}, lowRes);
    golden.assertMatches(name + "__logits", new long[] {count, 90, 120}, everySecond);
    assertArrayEquals(golden.array(name + "__mask_packed").ints(), packed);
  }
}
