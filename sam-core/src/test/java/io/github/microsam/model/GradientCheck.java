package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Compares the gradients of a graph in double precision with central differences. */
final class GradientCheck {
  private static final String LOSS = "gradient_check_loss";
  // Small, so that hardly ever a ReLU switches within the step.
  private static final double STEP = 1e-6;
  private static final double TOLERANCE = 1e-6;
  private static final double NOISE = 1e-13 / STEP; // of rounding in the loss

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
   * Checks each trained parameter, for the weighted sum of an output, along one direction that
   * changes all entries of the parameter, so that a wrong entry of the gradient shows.
   *
   * @param sd the graph, in double precision
   * @param inputs arrays of its placeholders
   * @param output name of the activation that is summed up, with weights that differ
   */
  static void assertGradients(SameDiff sd, Map<String, INDArray> inputs, String output) {
    Random random = new Random(23);
    INDArray y = sd.outputSingle(inputs, output);
    SDVariable weights =
        sd.constant("gradient_check_weights", array(random, y.dataType(), y.shape()));
    sd.getVariable(output).mul(weights).sum().rename(LOSS);
    sd.setLossVariables(LOSS);
    List<String> parameters =
        sd.variables().stream()
            .filter(v -> v.getVariableType() == VariableType.VARIABLE)
            .map(SDVariable::name)
            .toList();
    if (parameters.isEmpty()) {
      fail("the graph has no parameters");
    }
    Map<String, INDArray> gradients = sd.calculateGradients(inputs, parameters);
    for (String name : parameters) {
      INDArray parameter = sd.getVariable(name).getArr();
      INDArray direction = array(random, parameter.dataType(), parameter.shape());
      double[] slopes = gradients.get(name).mul(direction).dup('c').data().asDouble();
      double actual = Arrays.stream(slopes).sum();
      double expected = centralDifference(sd, inputs, parameter, direction);
      double size = Arrays.stream(slopes).map(Math::abs).sum();
      if (!(Math.abs(expected - actual) <= TOLERANCE * size + NOISE)) {
        fail(
            "gradient of %s %s: slope %.9g, by differences %.9g"
                .formatted(name, Arrays.toString(parameter.shape()), actual, expected));
      }
    }
  }

  private static double centralDifference(
      SameDiff sd, Map<String, INDArray> inputs, INDArray parameter, INDArray direction) {
    INDArray value = parameter.dup();
    parameter.addi(direction.mul(STEP));
    double above = sd.outputSingle(inputs, LOSS).getDouble(0);
    parameter.assign(value).subi(direction.mul(STEP));
    double below = sd.outputSingle(inputs, LOSS).getDouble(0);
    parameter.assign(value);
    return (above - below) / (2 * STEP);
  }
}
