package io.github.microsam.train.loss;

import io.github.microsam.golden.Golden;
import io.github.microsam.golden.NpyArray;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Losses and their gradients against the reference. */
class LossGoldenTest {
  private static final MapShape SHAPE = new MapShape(2, 3, 256);
  private final Golden golden = Golden.open("losses");
  private final float[] p = golden.array("p").floats();

  @Test
  void diceIsThatOfTheReference() {
    check("dice", new DiceLoss(), golden.array("t").floats());
  }

  @Test
  void diceOfSingleChannelsIsThatOfTheReference() {
    float[] t = golden.array("t").floats();
    float[] values = new float[3];
    float[] gradient = new float[p.length];
    for (int c = 0; c < 3; c++) {
      values[c] = (float) DiceLoss.channel(p, t, SHAPE, c, gradient);
    }
    golden.assertMatches("dice_none__value", new long[] {3}, values);
    golden.assertMatches("dice_none__grad", new long[] {2, 3, 16, 16}, gradient);
  }

  @Test
  void diceOfNothingHasNoGradientButFromThePrediction() {
    check("dice_zero_target", new DiceLoss(), new float[p.length]);
  }

  @Test
  void distanceLossesAreThoseOfTheReference() {
    float[] d = golden.array("d").floats();
    for (Map.Entry<String, DistanceLoss> e :
        Map.of(
                "dist_masked", DistanceLoss.defaults(),
                "dist_unmasked", new DistanceLoss(DistanceLoss.Distances.DICE, false),
                "dist_mse", new DistanceLoss(DistanceLoss.Distances.SQUARED, true))
            .entrySet()) {
      check(e.getKey(), e.getValue(), d);
    }
  }

  private void check(String name, MapLoss loss, float[] target) {
    float[] gradient = new float[p.length];
    double value = loss.evaluate(p, target, SHAPE, gradient);
    golden.assertMatches(name + "__value", new long[0], new float[] {(float) value});
    golden.assertMatches(name + "__grad", new long[] {2, 3, 16, 16}, gradient);
  }

  @Test
  void lossOfObjectsIsThatOfTheReference() {
    NpyArray logits = golden.array("sam_logits");
    float[] all = logits.floats();
    float[] targets = golden.array("sam_targets").floats();
    float[] predicted = golden.array("sam_iou_pred").floats();
    int pixels = 256;
    ObjectLoss loss = new ObjectLoss(pixels);
    double maskLoss = 0;
    double iouLoss = 0;
    float[] gradLogits = new float[all.length];
    float[] gradIou = new float[9];
    float[] trueIou = new float[9];
    for (int o = 0; o < 3; o++) {
      boolean[] object = new boolean[pixels];
      for (int i = 0; i < pixels; i++) {
        object[i] = targets[o * pixels + i] != 0;
      }
      loss.begin();
      for (int m = 0; m < 3; m++) {
        float[] mask = slice(all, (o * 3 + m) * pixels, pixels);
        double iou = loss.add(m, mask, object);
        trueIou[o * 3 + m] = (float) iou;
        double difference = predicted[o * 3 + m] - iou;
        iouLoss += difference * difference / 9;
        gradIou[o * 3 + m] = (float) (2 * difference / 9);
      }
      maskLoss += loss.maskLoss() / 3;
      float[] gradient = new float[pixels];
      loss.gradient(object, 1 / 3.0, gradient);
      System.arraycopy(gradient, 0, gradLogits, (o * 3 + loss.bestMask()) * pixels, pixels);
    }
    golden.assertMatches("sam__mask_loss", new long[0], new float[] {(float) maskLoss});
    golden.assertMatches("sam__iou_loss", new long[0], new float[] {(float) iouLoss});
    golden.assertMatches("sam__loss", new long[0], new float[] {(float) (maskLoss + iouLoss)});
    golden.assertMatches("sam__grad_iou", new long[] {3, 3}, gradIou);
    golden.assertMatches("sam__grad_logits", new long[] {3, 3, 16, 16}, gradLogits);
    golden.assertMatches("sam__true_iou", new long[] {3, 3}, trueIou);
  }

  private static float[] slice(float[] values, int start, int count) {
    float[] out = new float[count];
    System.arraycopy(values, start, out, 0, count);
    return out;
  }
}
