package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Compares the gradients of a graph in double precision with central differences. */
final class GradientCheck {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-6;

  private GradientCheck() {}

  /** Weights for a check: normal, so that none is zero and no two are equal. */
  static WeightSource weights() {
    Random random = new Random(17);
    return (key, init, dataType, shape) -> array(random, dataType, shape);
  }

  /** An array of normal numbers. */
  static INDArray array(Random random, DataType dataType, long... shape) {
    int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    double[] values = random.doubles(count).map(u -> 2 * u - 1).toArray();
    return Nd4j.createFromArray(values).reshape(shape).castTo(dataType);
  }

  /**
   * Checks a sample of the entries of each trained parameter, for the weighted sum of an output.
   *
   * @param sd the graph, in double precision
   * @param inputs arrays of its placeholders
   * @param output name of the activation that is summed up, with weights that differ
   * @param samples how many entries of a parameter are checked
   * @param include which parameters are checked
   */
  static void assertGradients(
      SameDiff sd,
      Map<String, INDArray> inputs,
      String output,
      int samples,
      Predicate<String> include) {
    Random random = new Random(23);
    INDArray y = sd.outputSingle(inputs, output);
    SDVariable weights =
        sd.constant("gradient_check_weights", array(random, y.dataType(), y.shape()));
    sd.getVariable(output).mul(weights).sum().rename("gradient_check_loss");
    sd.setLossVariables("gradient_check_loss");
    List<String> parameters =
        sd.variables().stream()
            .filter(v -> v.getVariableType() == VariableType.VARIABLE)
            .map(SDVariable::name)
            .filter(include)
            .toList();
    if (parameters.isEmpty()) {
      fail("the graph has no parameters");
    }
    Map<String, INDArray> gradients = sd.calculateGradients(inputs, parameters);
    for (String name : parameters) {
      INDArray parameter = sd.getVariable(name).getArr();
      for (int i = 0; i < samples; i++) {
        long at = random.nextInt((int) parameter.length());
        double expected = centralDifference(sd, inputs, parameter, at);
        double actual = gradients.get(name).dup('c').reshape(-1).getDouble(at);
        if (!(Math.abs(expected - actual) <= TOLERANCE * Math.max(1, Math.abs(expected)))) {
          fail(
              "gradient of %s %s at %d: %.9g, by differences %.9g"
                  .formatted(name, Arrays.toString(parameter.shape()), at, actual, expected));
        }
      }
    }
  }

  private static double centralDifference(
      SameDiff sd, Map<String, INDArray> inputs, INDArray parameter, long at) {
    double value = parameter.getDouble(at);
    parameter.putScalar(at, value + STEP);
    double above = sd.outputSingle(inputs, "gradient_check_loss").getDouble(0);
    parameter.putScalar(at, value - STEP);
    double below = sd.outputSingle(inputs, "gradient_check_loss").getDouble(0);
    parameter.putScalar(at, value);
    return (above - below) / (2 * STEP);
  }
}
