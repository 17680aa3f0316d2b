package io.github.microsam.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.engine.Precision;
import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.Cursor;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.view.Views;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Masks with products in bfloat16 are those in single precision, on the images of the fixtures. On
 * a processor that is no faster in bfloat16, and without kernels, both are computed in the same
 * way.
 */
class Bfloat16Test {
  /** Intersection over union of masks in the two precisions. */
  private static final double SAME_MASK = 0.99;

  private static final double SAME_IOU_PREDICTION = 0.01;

  private static final Prompt POINT = Prompt.point(60, 70);
  private static final Prompt POINTS = POINT.and(Prompt.negative(200, 40));
  private static final Prompt BOX = Prompt.box(30, 25, 140, 120);

  /** All masks that the fixtures have for an image. */
  private static List<Prediction> predictions(Precision precision, int width, int height) {
    ModelOptions options = ModelOptions.defaults().withPrecision(precision);
    try (SamModel model = SmallModel.open(options)) {
      SamPredictor predictor = new SamPredictor(model);
      ImageEmbedding embedding = predictor.embed(SmallModel.image(width, height));
      List<Prediction> all = new ArrayList<>(predictor.candidates(embedding, POINT));
      all.add(predictor.predict(embedding, POINTS));
      all.add(predictor.predict(embedding, BOX));
      List<Prediction> boxWithPoints = predictor.candidates(embedding, BOX.and(POINTS));
      all.addAll(boxWithPoints);
      Prompt mask = Prompt.mask(boxWithPoints.get(0).lowResLogits());
      all.add(predictor.predict(embedding, POINT.and(mask)));
      return all;
    }
  }

  private static double intersectionOverUnion(Prediction a, Prediction b) {
    Cursor<NativeBoolType> inA = Views.flatIterable(a.mask()).cursor();
    Cursor<NativeBoolType> inB = Views.flatIterable(b.mask()).cursor();
    long both = 0;
    long either = 0;
    while (inA.hasNext()) {
      boolean x = inA.next().get();
      boolean y = inB.next().get();
      both += x && y ? 1 : 0;
      either += x || y ? 1 : 0;
    }
    return either == 0 ? 1 : (double) both / either;
  }

  @ParameterizedTest
  @CsvSource({"240, 180", "256, 200", "512, 300"})
  void masksAndIouPredictionsAreThoseInSinglePrecision(int width, int height) {
    List<Prediction> exact = predictions(Precision.FLOAT32, width, height);
    List<Prediction> rounded = predictions(Precision.BFLOAT16, width, height);
    assertEquals(exact.size(), rounded.size());
    for (int i = 0; i < exact.size(); i++) {
      double same = intersectionOverUnion(exact.get(i), rounded.get(i));
      assertTrue(same >= SAME_MASK, "mask " + i + " has an IoU of " + same);
      assertEquals(
          exact.get(i).iouPrediction(),
          rounded.get(i).iouPrediction(),
          SAME_IOU_PREDICTION,
          "IoU prediction of mask " + i);
    }
  }
}
