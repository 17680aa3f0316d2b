package io.github.microsam.model;

import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/** Reshapes in which more than one axis is known only when the graph runs. */
final class Shapes {
  private Shapes() {}

  /**
   * Keeps the first axes of a model's sizes and replaces the others.
   *
   * @param x what is reshaped
   * @param like gives the sizes that are kept
   * @param keep how many leading axes of {@code like} are kept
   * @param rest sizes of the axes after them
   * @return x, reshaped
   */
  static SDVariable keepLeading(SDVariable x, SDVariable like, int keep, long... rest) {
    SameDiff sd = x.getSameDiff();
    SDVariable leading = sd.shape(like).get(SDIndex.interval(0, keep));
    return sd.reshape(x, sd.concat(0, leading, sd.constant(Nd4j.createFromArray(rest))));
  }

  /**
   * Keeps all axes of a model's sizes but the last.
   *
   * @param x what is reshaped
   * @param like gives the sizes that are kept
   * @param last size of the last axis
   * @return x, reshaped
   */
  static SDVariable replaceLast(SDVariable x, SDVariable like, long last) {
    SameDiff sd = x.getSameDiff();
    SDVariable leading = sd.stridedSlice(sd.shape(like), new long[] {0}, new long[] {-1}, 1);
    return sd.reshape(x, sd.concat(0, leading, sd.constant(Nd4j.createFromArray(last))));
  }
}
