package io.github.microsam.train.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Losses without fixtures: values by hand, gradients against central differences. */
class LossGradientTest {
  private static final MapShape SHAPE = new MapShape(2, 3, 12);

  @Test
  void binaryCrossEntropyHasTheGradientOfDifferences() {
    float[] target = random(3, 0, 1);
    check(random(4, 0.05, 0.95), (x, g) -> new BinaryCrossEntropy().evaluate(x, target, SHAPE, g));
  }

  @Test
  void whatIsMaskedHasNeitherLossNorGradient() {
    MapShape shape = new MapShape(2, 2, 3);
    float[] prediction = {.1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f, .8f, .7f, .6f};
    float[] target = {
      0, 1, 0, 1, 0, 1, /* mask */ 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, /* mask */ 1, 0, 0, 1, 1, 1
    };
    float[] gradient = new float[12];
    double loss =
        new MaskedLoss(new BinaryCrossEntropy()).evaluate(prediction, target, shape, gradient);
    boolean[] left = {true, true, false, false, false, true, true, false, false, true, true, true};
    double expected = 0;
    for (int i = 0; i < 12; i++) {
      float truth = target[i < 6 ? i : i + 6];
      expected -= left[i] ? Math.log(truth == 1 ? prediction[i] : 1 - prediction[i]) / 12 : 0;
      assertEquals(left[i], gradient[i] != 0, "gradient at " + i);
    }
    assertEquals(expected, loss, 1e-6);
  }

  @Test
  void maskedDiceHasTheGradientOfDifferences() {
    Random random = new Random(7);
    float[] target = new float[2 * SHAPE.length()];
    for (int i = 0; i < target.length; i++) {
      target[i] = random.nextInt(2);
    }
    check(random(8, 0.05, 0.95), (x, g) -> MaskedLoss.defaults().evaluate(x, target, SHAPE, g));
  }

  @Test
  void aLossKnowsWhichTargetsItIsFor() {
    assertTrue(MaskedLoss.defaults().fits(9, 18));
    assertFalse(MaskedLoss.defaults().fits(9, 9));
    assertFalse(DistanceLoss.defaults().fits(2, 2));
    assertTrue(new DiceLoss().fits(2, 2));
  }

  @Test
  void binaryCrossEntropyOfCertaintyIsFinite() {
    float[] gradient = new float[2];
    double loss =
        new BinaryCrossEntropy()
            .evaluate(new float[] {0, 1}, new float[] {1, 1}, new MapShape(1, 1, 2), gradient);
    assertEquals(50, loss, 1e-9, "mean of 100 and 0");
  }

  @Test
  void semanticLossHasTheGradientOfDifferences() {
    int[] classes = new Random(5).ints(24, 0, 3).toArray();
    for (OptionalDouble weight :
        new OptionalDouble[] {OptionalDouble.empty(), OptionalDouble.of(0.3)}) {
      check(random(6, -2, 2), (x, g) -> new SemanticLoss(weight).evaluate(x, classes, SHAPE, g));
    }
  }

  @Test
  void crossEntropyOfEqualLogitsIsTheLogarithmOfTheirNumber() {
    MapShape shape = new MapShape(1, 4, 2);
    double loss =
        new SemanticLoss(OptionalDouble.of(0))
            .evaluate(new float[8], new int[] {0, 3}, shape, new float[8]);
    assertEquals(Math.log(4), loss, 1e-12);
  }

  @Test
  void aClassWithoutAnOutputIsNamed() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new SemanticLoss(OptionalDouble.empty())
                    .evaluate(new float[4], new int[] {0, 2}, new MapShape(1, 2, 2), new float[4]));
    assertEquals("class 2 of a pixel; expected 0 to 1, as the model has 2 outputs", e.getMessage());
  }

  private interface Loss {
    double evaluate(float[] x, float[] gradient);
  }

  private static void check(float[] x, Loss loss) {
    float[] gradient = new float[x.length];
    loss.evaluate(x, gradient);
    float step = 1f / 256;
    for (int i = 0; i < x.length; i++) {
      float was = x[i];
      x[i] = was + step;
      double above = loss.evaluate(x, new float[x.length]);
      x[i] = was - step;
      double below = loss.evaluate(x, new float[x.length]);
      x[i] = was;
      assertEquals(
          (above - below) / (2 * step),
          gradient[i],
          2e-4 + 2e-2 * Math.abs(gradient[i]),
          "at " + i);
    }
  }

  private static float[] random(long seed, double from, double to) {
    Random random = new Random(seed);
    float[] out = new float[SHAPE.length()];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (from + (to - from) * random.nextDouble());
    }
    return out;
  }
}
