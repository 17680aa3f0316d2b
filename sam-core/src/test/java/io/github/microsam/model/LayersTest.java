package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The single layers against plain loops, for inputs of two to four axes. */
class LayersTest {
  private static final int CHANNELS = 5;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void linearIsARowTimesTheMatrixPlusTheBias(int rank) {
    Run run = new Run(rank, (s, x) -> Linear.add(s, x, CHANNELS, 3));
    double[] w = run.weight("layer.weight");
    double[] b = run.weight("layer.bias");
    double[] expected = new double[run.rows * 3];
    for (int i = 0; i < expected.length; i++) {
      double sum = b[i % 3];
      for (int c = 0; c < CHANNELS; c++) {
        sum += run.x[i / 3 * CHANNELS + c] * w[i % 3 * CHANNELS + c];
      }
      expected[i] = sum;
    }
    run.assertOutput(expected, 3);
    run.assertGradients();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void layerNormCentresAndScalesEachRow(int rank) {
    Run run = new Run(rank, (s, x) -> LayerNorm.add(s, x, CHANNELS, 1e-2));
    double[] w = run.weight("layer.weight");
    double[] b = run.weight("layer.bias");
    double[] expected = new double[run.rows * CHANNELS];
    for (int r = 0; r < run.rows; r++) {
      normalise(run.x, r * CHANNELS, 1, 1e-2, expected, w, b);
    }
    run.assertOutput(expected, CHANNELS);
    run.assertGradients();
  }

  @Test
  void layerNorm2dCentresAndScalesEachPixel() {
    Run run = new Run(4, (s, x) -> LayerNorm2d.add(s, x, CHANNELS), 2, CHANNELS, 3, 5);
    double[] expected = new double[run.x.length];
    for (int n = 0; n < 2; n++) {
      for (int p = 0; p < 15; p++) {
        normalise(
            run.x,
            n * CHANNELS * 15 + p,
            15,
            1e-6,
            expected,
            run.weight("layer.weight"),
            run.weight("layer.bias"));
      }
    }
    assertArrayEquals(expected, run.y.dup('c').data().asDouble(), 1e-9);
    run.assertGradients();
  }

  @Test
  void geluHasTheExactValuesOfTheErrorFunction() {
    Run run = new Run(2, (s, x) -> s.output(Gelu.add(s, x.mul(0).add(1))));
    for (double v : run.y.dup('c').data().asDouble()) {
      assertEquals(0.8413447460685429, v, 1e-9); // the normal distribution function at 1
    }
  }

  private static void normalise(
      double[] x, int at, int step, double epsilon, double[] out, double[] w, double[] b) {
    double mean = 0;
    for (int c = 0; c < CHANNELS; c++) {
      mean += x[at + c * step] / CHANNELS;
    }
    double variance = 0;
    for (int c = 0; c < CHANNELS; c++) {
      variance += Math.pow(x[at + c * step] - mean, 2) / CHANNELS;
    }
    for (int c = 0; c < CHANNELS; c++) {
      int i = at + c * step;
      out[i] = (x[i] - mean) / Math.sqrt(variance + epsilon) * w[c] + b[c];
    }
  }

  /** One layer named "layer", run on an input whose sizes the graph does not know. */
  private static final class Run {
    final SameDiff sd;
    final INDArray in;
    final double[] x;
    final int rows;
    final INDArray y;

    Run(int rank, BiFunction<Scope, SDVariable, SDVariable> layer, long... shape) {
      Scope root = new Scope(SameDiff.create(), DataType.DOUBLE, GradientCheck.weights(), "");
      sd = root.sd();
      long[] unknown = new long[rank];
      long[] known = shape.length > 0 ? shape : new long[rank];
      for (int i = 0; i < rank; i++) {
        unknown[i] = -1;
        known[i] = shape.length > 0 ? shape[i] : i == rank - 1 ? CHANNELS : 2 + i;
      }
      in = GradientCheck.array(new Random(5), DataType.DOUBLE, known);
      x = in.dup('c').data().asDouble();
      rows = x.length / CHANNELS;
      SDVariable input = sd.placeHolder("x", DataType.DOUBLE, unknown);
      // The layer sees the output of an operation, whose shape the graph does not know.
      SDVariable output = layer.apply(root.at("layer"), input.mul(1));
      y = sd.outputSingle(Map.of("x", in), output.name());
    }

    double[] weight(String key) {
      return sd.getVariable(key).getArr().dup('c').data().asDouble();
    }

    void assertOutput(double[] expected, long channels) {
      long[] shape = in.shape().clone();
      shape[shape.length - 1] = channels;
      assertArrayEquals(shape, y.shape());
      assertArrayEquals(expected, y.dup('c').data().asDouble(), 1e-9);
    }

    void assertGradients() {
      GradientCheck.assertGradients(sd, Map.of("x", in), "layer");
    }
  }
}
