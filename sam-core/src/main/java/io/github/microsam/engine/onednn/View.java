package io.github.microsam.engine.onednn;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Floats in memory under a shape with strides: what a primitive reads or writes. */
final class View {
  /** First element of the array that is looked at; kept so that its memory outlives the view. */
  private final Pointer base;

  /** Elements from there to the view's first element. */
  private final long offset;

  private final long[] dims;
  private final long[] strides;

  private View(Pointer base, long offset, long[] dims, long[] strides) {
    this.base = base;
    this.offset = offset;
    this.dims = dims;
    this.strides = strides;
  }

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

  int rank() {
    return dims.length;
  }

  /** Size along each axis; not a copy. */
  long[] dims() {
    return dims;
  }

  /** Elements between neighbours along each axis; not a copy. */
  long[] strides() {
    return strides;
  }

  Pointer address() {
    return new FloatPointer(base).getPointer(offset);
  }
}
