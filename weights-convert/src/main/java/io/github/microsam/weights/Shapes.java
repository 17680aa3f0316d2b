package io.github.microsam.weights;

import java.util.Arrays;

/** Arithmetic on shapes that a file declares, and that may therefore be anything. */
final class Shapes {
  static final int MOST_AXES = 64;

  private Shapes() {}

  /** Size in bytes, or an exception if the shape is none. */
  static long byteSize(DType dtype, long[] shape) {
    if (shape.length > MOST_AXES) {
      throw new CheckpointException(
          "its shape has " + shape.length + " axes, more than " + MOST_AXES);
    }
    try {
      long bytes = dtype.byteSize();
      for (long d : shape) {
        if (d < 0) {
          throw new CheckpointException("its shape " + Arrays.toString(shape) + " is negative");
        }
        bytes = Math.multiplyExact(bytes, d);
      }
      return bytes;
    } catch (ArithmeticException e) {
      throw new CheckpointException(
          "its shape " + Arrays.toString(shape) + " has more elements than any file could hold", e);
    }
  }

  /** Strides, in elements, of an array in C order. */
  static long[] contiguousStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strides;
  }

  /** Strides, in elements, of an array in Fortran order. */
  static long[] fortranStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = 0; i < shape.length; i++) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strides;
  }
}
