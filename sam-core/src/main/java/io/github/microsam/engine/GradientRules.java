package io.github.microsam.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ops.CustomOp;

/**
 * Adds to a graph the gradients of single operations. Known shapes allow simpler ones than ND4J's
 * for those that broadcast, reshape or multiply matrices: nothing is computed that is not wanted.
 * All others are ND4J's.
 */
final class GradientRules {
  private final SameDiff sd;
  private final ShapeInference shapes;

  /**
   * Rules for a graph.
   *
   * @param sd where operations are added
   * @param shapes shapes of the variables that there are before
   */
  GradientRules(SameDiff sd, ShapeInference shapes) {
    this.sd = sd;
    this.shapes = shapes;
  }

  /**
   * Adds the gradient of one operation.
   *
   * @param op an operation of the graph
   * @param gradients with respect to its results; null where there is none
   * @param wanted for each input, whether its gradient is
   * @return with respect to its inputs; may be null or missing where it is not wanted
   */
  List<SDVariable> apply(SameDiffOp op, List<SDVariable> gradients, boolean[] wanted) {
    String kind = op.getOp().opName();
    SDVariable first = sd.getVariable(op.getInputsToOp().get(0));
    if (ShapeInference.isReshape(kind)) {
      return List.of(sd.reshape(gradients.get(0), shape(first)));
    }
    if (wanted.length != 2) {
      return stock(op, gradients);
    }
    if (kind.equals("concat") && shapes.value(op.getInputsToOp().get(1)).length() == 0) {
      // ND4J's gradient fails where a part is empty; the other part is the whole.
      return Arrays.asList(gradients.get(0), null);
    }
    SDVariable second = sd.getVariable(op.getInputsToOp().get(1));
    SDVariable result = sd.getVariable(op.getOutputsOfOp().get(0));
    SDVariable g = gradients.get(0);
    return switch (kind) {
      case "add" ->
          Arrays.asList(
              wanted[0] ? summedTo(first, result, g) : null,
              wanted[1] ? summedTo(second, result, g) : null);
      case "subtract" ->
          Arrays.asList(
              wanted[0] ? summedTo(first, result, g) : null,
              wanted[1] ? sd.math().neg(summedTo(second, result, g)) : null);
      case "multiply" ->
          Arrays.asList(
              wanted[0] ? summedTo(first, result, g.mul(second)) : null,
              wanted[1] ? summedTo(second, result, g.mul(first)) : null);
      case "divide" -> quotient(first, second, result, g, wanted);
      case "matmul" ->
          shape(first).length == shape(second).length && sameBatches(first, second)
              ? product(((CustomOp) op.getOp()).iArgs(), first, second, g, wanted)
              : stock(op, gradients);
      default -> stock(op, gradients);
    };
  }

  private long[] shape(SDVariable v) {
    return shapes.value(v.name()).shape;
  }

  /** A gradient with respect to what was repeated: the sum over the repetitions. */
  private SDVariable summedTo(SDVariable repeated, SDVariable result, SDVariable g) {
    long[] from = shape(result);
    long[] to = shape(repeated);
    if (Arrays.equals(from, to)) {
      return g;
    }
    SDVariable sum = g;
    // Axis by axis, the last one first: ND4J adds up in single precision, and long sums would show.
    for (int axis = from.length - 1; axis >= 0; axis--) {
      int k = axis - (from.length - to.length);
      if (from[axis] > 1 && (k < 0 || to[k] == 1)) {
        sum = sum.sum(true, axis);
      }
    }
    return sd.reshape(sum, to);
  }

  private List<SDVariable> quotient(
      SDVariable a, SDVariable b, SDVariable result, SDVariable g, boolean[] wanted) {
    SDVariable scaled = g.div(b);
    return Arrays.asList(
        wanted[0] ? summedTo(a, result, scaled) : null,
        wanted[1] ? sd.math().neg(summedTo(b, result, scaled.mul(result))) : null);
  }

  private boolean sameBatches(SDVariable a, SDVariable b) {
    long[] x = shape(a);
    long[] y = shape(b);
    int batches = x.length - 2;
    return x.length >= 2 && LongStream.range(0, batches).allMatch(i -> x[(int) i] == y[(int) i]);
  }

  /** The gradient of C = A B, with either transposed beforehand: dA = dC Bᵀ, dB = Aᵀ dC. */
  private List<SDVariable> product(
      long[] transpositions, SDVariable a, SDVariable b, SDVariable g, boolean[] wanted) {
    boolean ta = transpositions.length > 0 && transpositions[0] != 0;
    boolean tb = transpositions.length > 1 && transpositions[1] != 0;
    boolean transposedResult = transpositions.length > 2 && transpositions[2] != 0;
    boolean tg = transposedResult;
    SDVariable da = null;
    if (wanted[0]) {
      da = ta ? sd.mmul(b, g, tb, !tg, false) : sd.mmul(g, b, tg, !tb, false);
    }
    SDVariable db = null;
    if (wanted[1]) {
      db = tb ? sd.mmul(g, a, !tg, ta, false) : sd.mmul(a, g, !ta, tg, false);
    }
    return Arrays.asList(da, db);
  }

  private List<SDVariable> stock(SameDiffOp op, List<SDVariable> gradients) {
    List<SDVariable> complete = new ArrayList<>();
    for (int i = 0; i < gradients.size(); i++) {
      SDVariable result = sd.getVariable(op.getOutputsOfOp().get(i));
      boolean missing = gradients.get(i) == null && result.dataType().isFPType();
      complete.add(missing ? sd.zerosLike(result) : gradients.get(i));
    }
    DifferentialFunction function = op.getOp();
    SameDiff owner = function.getSameDiff();
    // The operation is the original graph's; what its gradient consists of belongs to this one.
    function.setSameDiff(sd);
    try {
      return function.doDiff(complete);
    } catch (UnsupportedOperationException e) {
      throw new UnsupportedOperationException(
          op.getName() + " (" + function.opName() + ") has no gradient in this ND4J", e);
    } finally {
      function.setSameDiff(owner);
    }
  }
}
