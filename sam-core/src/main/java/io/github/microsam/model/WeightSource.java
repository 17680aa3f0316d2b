package io.github.microsam.model;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where the weights of a graph come from while it is built: a checkpoint, or chance. */
@FunctionalInterface
public interface WeightSource {

  /**
   * The array of one weight.
   *
   * @param key PyTorch key
   * @param init how the reference initialises it; a checkpoint ignores that
   * @param dataType type of the array
   * @param shape PyTorch's shape
   * @return an array of that type and shape in C order, which the graph then owns
   */
  INDArray create(String key, Init init, DataType dataType, long... shape);
}
