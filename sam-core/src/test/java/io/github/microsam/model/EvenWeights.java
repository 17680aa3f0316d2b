package io.github.microsam.model;

import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Random weights that let values grow neither much nor vanish; variances are positive. */
final class EvenWeights implements WeightSource {
  private final Random random;

  EvenWeights(Random random) {
    this.random = random;
  }

  @Override
  public INDArray create(String key, Init init, DataType dataType, long... shape) {
    INDArray array = GradientCheck.array(random, dataType, shape);
    double fanIn = (double) array.length() / shape[0];
    return key.endsWith("running_var")
        ? array.mul(array).addi(0.2)
        : shape.length > 1 ? array.divi(Math.sqrt(fanIn)) : array;
  }
}
