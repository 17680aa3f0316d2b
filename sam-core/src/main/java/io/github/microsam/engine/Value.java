package io.github.microsam.engine;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a variable of the graph is to a plan: a weight, a constant that is known before the plan
 * runs, or a result that the plan keeps in a storage.
 */
final class Value {
  final DataType dataType;
  final long[] shape;

  /** Whether the elements are known when the plan is compiled and never change. */
  final boolean constant;

  /** The value whose elements these are, under another shape; null if they are its own. */
  private Value base;

  private Storage storage;
  private INDArray array;

  private Value(DataType dataType, long[] shape, boolean constant, Value base, INDArray array) {
    this.dataType = dataType;
    this.shape = shape;
    this.constant = constant;
    this.base = base;
    this.array = array;
  }

  static Value constant(INDArray array) {
    return new Value(array.dataType(), array.shape(), true, null, array);
  }

  static Value weight(INDArray array) {
    return new Value(array.dataType(), array.shape(), false, null, array);
  }

  static Value result(LongShapeDescriptor shape) {
    return new Value(shape.dataType(), shape.getShape(), false, null, null);
  }

  static Value result(DataType dataType, long length) {
    return new Value(dataType, new long[] {length}, false, null, null);
  }

  /** Ends being a view, because a kernel computes this value in place of what it was a view of. */
  Value detached() {
    base = null;
    return this;
  }

  /** The same elements under another shape. */
  Value reshaped(long[] newShape) {
    return new Value(dataType, newShape, constant, this, null);
  }

  /** Whether the plan computes it, or it is a view of what the plan computes. */
  boolean isResult() {
    return base == null ? array == null || storage != null : base.isResult();
  }

  /** Memory of a result; null before it is scheduled. */
  Storage storage() {
    return base == null ? storage : base.storage();
  }

  /** Gives a result its memory, which is placed later. */
  Storage allocate() {
    storage = new Storage(dataType, Math.max(1, length()));
    return storage;
  }

  long length() {
    long n = 1;
    for (long d : shape) {
      n *= d;
    }
    return n;
  }

  /** The array that operations read and write; for a result, once memory is placed. */
  INDArray array() {
    if (array == null) {
      if (isResult()) {
        Storage s = storage();
        array = Nd4j.create(s.buffer, shape, Nd4j.getStrides(shape, 'c'), s.offset, 'c', dataType);
      } else {
        array = base.array().reshape('c', shape);
      }
    }
    return array;
  }

  /**
   * An array of this shape; the elements of a result mean nothing and take no memory. For inferring
   * shapes.
   */
  INDArray shapeOnly() {
    if (!isResult()) {
      return array();
    }
    return Nd4j.create(
        Nd4j.createBuffer(dataType, 1, true), shape, new long[shape.length], 0, 'c', dataType);
  }
}
