package io.github.microsam.engine.onednn;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Floats in memory under a shape with strides: what a primitive reads or writes.
 *
 * @param base first element of the array that is looked at; kept so that its memory outlives the
 *     view
 * @param offset elements from there to the view's first element
 * @param dims size along each axis
 * @param strides elements between neighbours along each axis
 */
record View(Pointer base, long offset, long[] dims, long[] strides) {

  /** The whole of a contiguous array under a shape of the same number of elements. */
  static View of(INDArray array, long... dims) {
    return new View(array.data().addressPointer(), 0, dims, contiguous(dims));
  }

  private static long[] contiguous(long[] dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strides;
  }

  /** Another view of the same memory. */
  View as(long newOffset, long[] newDims, long... newStrides) {
    return new View(base, offset + newOffset, newDims, newStrides);
  }

  /** The view with its last two axes exchanged. */
  View transposed() {
    long[] d = dims.clone();
    long[] s = strides.clone();
    int n = d.length;
    d[n - 1] = dims[n - 2];
    d[n - 2] = dims[n - 1];
    s[n - 1] = strides[n - 2];
    s[n - 2] = strides[n - 1];
    return new View(base, offset, d, s);
  }

  long dim(int axis) {
    return dims[axis];
  }

  Pointer address() {
    return new FloatPointer(base).getPointer(offset);
  }
}
