package io.github.microsam.model;

import io.github.microsam.weights.CheckpointException;
import io.github.microsam.weights.DType;
import io.github.microsam.weights.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Weights of a checkpoint, copied from its file into native memory. */
final class CheckpointWeights implements WeightSource {
  private final Map<String, Tensor> tensors;

  /**
   * Weights by key.
   *
   * @param tensors must stay readable while graphs are built
   */
  CheckpointWeights(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  @Override
  public INDArray create(String key, Init init, DataType dataType, long... shape) {
    Tensor tensor = tensors.get(key);
    if (tensor == null || !Arrays.equals(tensor.shape(), shape)) {
      throw new CheckpointException(
          key
              + (tensor == null ? " is missing" : " is " + Arrays.toString(tensor.shape()))
              + "; expected "
              + Arrays.toString(shape));
    }
    if (tensor.dtype() == DType.F32 && dataType == DataType.FLOAT) {
      INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape);
      ByteBuffer bytes = tensor.read();
      new BytePointer(array.data().pointer()).capacity(bytes.remaining()).asBuffer().put(bytes);
      return array;
    }
    INDArray floats = Nd4j.create(tensor.toFloats(), shape, 'c');
    if (dataType == DataType.FLOAT) {
      return floats;
    }
    try (floats) {
      return floats.castTo(dataType);
    }
  }
}
