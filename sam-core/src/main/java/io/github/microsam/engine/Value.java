package io.github.microsam.engine;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a variable of the graph is to a plan: a weight, a constant known before the plan runs, or a
 * result that the plan keeps in a storage.
 */
final class Value {
  final DataType dataType;
  final long[] shape;

  /** Memory of a result; null for weights and constants. */
  final Storage storage;

  /** Whether the elements are known when the plan is compiled and never change. */
  final boolean constant;

  private INDArray array;

  private Value(
      DataType dataType, long[] shape, Storage storage, boolean constant, INDArray array) {
    this.dataType = dataType;
    this.shape = shape;
    this.storage = storage;
    this.constant = constant;
    this.array = array;
  }

  static Value constant(INDArray array) {
    return new Value(array.dataType(), array.shape(), null, true, array);
  }

  static Value weight(INDArray array) {
    return new Value(array.dataType(), array.shape(), null, false, array);
  }

  static Value stored(LongShapeDescriptor shape, Storage storage) {
    return new Value(shape.dataType(), shape.getShape(), storage, false, null);
  }

  /** The same elements under another shape. */
  Value reshaped(long[] newShape) {
    return new Value(dataType, newShape, storage, false, null);
  }

  /** The array that operations read and write; for a result, once memory is planned. */
  INDArray array() {
    if (array == null) {
      array =
          Nd4j.create(
              storage.buffer, shape, Nd4j.getStrides(shape, 'c'), storage.offset, 'c', dataType);
    }
    return array;
  }

  /**
   * An array of this shape whose elements mean nothing and take no memory; for inferring shapes.
   */
  INDArray shapeOnly() {
    if (storage == null) {
      return array;
    }
    return Nd4j.create(
        Nd4j.createBuffer(dataType, 1, true), shape, new long[shape.length], 0, 'c', dataType);
  }
}
