package io.github.microsam.engine.onednn;

import io.github.microsam.engine.KernelProvider.Spec;
import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.javacpp.Pointer;

/** Floats in memory under a shape with strides: what a primitive reads or writes. */
final class View {
  private final Place place;

  /** Elements from the start of the place to the view's first element. */
  private final long offset;

  private final long[] dims;
  private final long[] strides;

  /** A layout that only oneDNN knows, of packed weights; null if the strides tell the layout. */
  private final dnnl_memory_desc packed;

  private View(Place place, long offset, long[] dims, long[] strides, dnnl_memory_desc packed) {
    this.place = place;
    this.offset = offset;
    this.dims = dims;
    this.strides = strides;
    this.packed = packed;
  }

  /** The whole of a place under a shape of the same number of elements. */
  static View of(Place place, long... dims) {
    return new View(place, 0, dims, contiguous(dims), null);
  }

  /** An input or output of a kernel, whose place is told once it is bound. */
  static View of(Spec spec) {
    long[] dims = spec.shape().stream().mapToLong(Long::longValue).toArray();
    return of(new Place(length(dims), false), dims);
  }

  /** Weights in a layout of oneDNN's choice. */
  static View packed(Place place, dnnl_memory_desc layout, long... dims) {
    return new View(place, 0, dims, new long[0], layout);
  }

  static long[] contiguous(long... dims) {
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
    return new View(place, offset + newOffset, newDims, newStrides, null);
  }

  /** The same elements in the same order under another shape; this view has no gaps. */
  View reshaped(long... newDims) {
    if (!isContiguous() || length(newDims) != length()) {
      throw new IllegalStateException(
          "cannot see " + this + " as " + Arrays.toString(newDims) + " without a copy");
    }
    return new View(place, offset, newDims, contiguous(newDims), null);
  }

  /** The axes in another order. */
  View permuted(int... axes) {
    long[] d = new long[axes.length];
    long[] s = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      d[i] = dims[axes[i]];
      s[i] = strides[axes[i]];
    }
    return new View(place, offset, d, s, null);
  }

  /** A part along one axis. */
  View part(int axis, long from, long to) {
    long[] d = dims.clone();
    d[axis] = to - from;
    return new View(place, offset + from * strides[axis], d, strides, null);
  }

  /** The view with its last two axes exchanged. */
  View transposed() {
    int[] axes = new int[rank()];
    Arrays.setAll(axes, i -> i);
    axes[rank() - 1] = rank() - 2;
    axes[rank() - 2] = rank() - 1;
    return permuted(axes);
  }

  /** Whether the elements lie in the order of their indices without gaps. */
  boolean isContiguous() {
    if (packed != null) {
      return false;
    }
    long stride = 1;
    for (int i = rank() - 1; i >= 0; i--) {
      if (dims[i] != 1 && strides[i] != stride) {
        return false;
      }
      stride *= dims[i];
    }
    return true;
  }

  /** Whether {@code [N, C, H, W]} lies in memory as [N, H, W, C] without gaps. */
  boolean isChannelsLast() {
    return rank() == 4 && permuted(0, 2, 3, 1).isContiguous();
  }

  Place place() {
    return place;
  }

  int rank() {
    return dims.length;
  }

  long dim(int axis) {
    return dims[axis];
  }

  long length() {
    return length(dims);
  }

  static long length(long... dims) {
    long n = 1;
    for (long d : dims) {
      n *= d;
    }
    return n;
  }

  /** Size along each axis; not a copy. */
  long[] dims() {
    return dims;
  }

  /** Elements between neighbours along each axis; not a copy. */
  long[] strides() {
    return strides;
  }

  /** Layout of packed weights, else null. */
  dnnl_memory_desc packed() {
    return packed;
  }

  Pointer address() {
    return place.address(offset);
  }

  /** Elements from the start of the place to the view's first element. */
  long offset() {
    return offset;
  }

  /** Shape and layout, the same for views that differ in addresses only. */
  String layout() {
    String where = packed == null ? Arrays.toString(strides) : "packed" + packed.address();
    return Arrays.toString(dims) + where;
  }

  @Override
  public String toString() {
    return layout();
  }
}
