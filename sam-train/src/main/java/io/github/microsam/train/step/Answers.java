package io.github.microsam.train.step;

import io.github.microsam.train.array.NativeFloats;
import io.github.microsam.train.loss.ObjectLoss;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the model answered in one sub-iteration: its loss, the gradient, and what the annotator says
 * to it. Objects are worked on by several threads; each draws from its own source of chance and
 * their losses are added up in order.
 *
 * @param resize from the decoder's masks to the patch
 * @param multimask whether the candidate masks count, not the single one
 * @param candidates number of candidate masks
 * @param corrected whether prompts for a next sub-iteration are wanted
 * @param share of this sub-iteration in the loss
 * @param annotator corrects
 */
record Answers(
    MapResize resize,
    boolean multimask,
    int candidates,
    boolean corrected,
    double share,
    Correction annotator) {

  /**
   * Judges answers.
   *
   * @param objects that were prompted; get further points and the answer as a mask prompt
   * @param masks {@code [N, 1 + candidates, S, S]}, logits; overwritten with the gradient
   * @param iou {@code [N, 1 + candidates]}, predicted; overwritten with the gradient
   * @return mask loss, IoU loss and true IoU of the best masks, each with the objects' weights, but
   *     without the share
   */
  double[] judge(List<ObjectInTraining> objects, INDArray masks, INDArray iou) {
    double[][] losses = new double[objects.size()][];
    IntStream.range(0, losses.length)
        .parallel()
        .forEach(i -> losses[i] = judge(objects.get(i), i, masks, iou));
    double[] sum = new double[3];
    for (double[] loss : losses) {
      for (int k = 0; k < sum.length; k++) {
        sum[k] += loss[k];
      }
    }
    return sum;
  }

  private double[] judge(ObjectInTraining object, int index, INDArray masks, INDArray iou) {
    int all = candidates + 1;
    int from = multimask ? 1 : 0;
    int count = multimask ? candidates : 1;
    int low = (int) (masks.size(2) * masks.size(3));
    int pixels = resize.width() * resize.height();
    float[] logits = new float[all * low];
    NativeFloats.read(masks, (long) index * all * low, logits, 0, logits.length);
    float[] predicted = new float[all];
    NativeFloats.read(iou, (long) index * all, predicted, 0, all);

    ObjectLoss loss = new ObjectLoss(pixels);
    loss.begin();
    float[] scratch = new float[resize.scratch()];
    float[] patch = new float[pixels];
    boolean[] chosen = new boolean[pixels];
    float[] iouGradient = new float[all];
    double iouLoss = 0;
    double chosenIou = 0;
    float highest = Float.NEGATIVE_INFINITY;
    for (int m = from; m < from + count; m++) {
      resize.up(logits, m * low, scratch, patch, 0);
      double truth = loss.add(m, patch, object.mask);
      double difference = predicted[m] - truth;
      iouLoss += difference * difference / count;
      iouGradient[m] = (float) (object.weight * share * 2 * difference / count);
      if (m == from || predicted[m] > highest) {
        highest = predicted[m];
        chosenIou = truth;
        remember(object, logits, m * low, low, patch, chosen);
      }
    }
    if (corrected) {
      object.points.addAll(annotator.points(object.truth, chosen, object.random));
    }
    loss.gradient(object.mask, object.weight * share, patch);
    Arrays.fill(logits, 0);
    resize.down(patch, 0, scratch, logits, loss.bestMask() * low);
    NativeFloats.write(logits, 0, logits.length, masks, (long) index * all * low);
    NativeFloats.write(iouGradient, 0, all, iou, (long) index * all);
    return new double[] {
      object.weight * loss.maskLoss(), object.weight * iouLoss, object.weight * chosenIou
    };
  }

  private void remember(
      ObjectInTraining object,
      float[] logits,
      int start,
      int low,
      float[] patch,
      boolean[] chosen) {
    if (!corrected) {
      return;
    }
    object.answer = Arrays.copyOfRange(logits, start, start + low);
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = patch[i] > 0;
    }
  }
}
