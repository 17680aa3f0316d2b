package io.github.microsam.weights;

import io.github.microsam.weights.pickle.PyGlobal;
import io.github.microsam.weights.pickle.PyObject;
import io.github.microsam.weights.pickle.PyPersistent;
import io.github.microsam.weights.pickle.PySequence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes tensors from what {@code torch._utils._rebuild_tensor} and its successors would have been
 * called with, after checking it against the storages that are there.
 */
final class StoredTensors {
  /** How much larger than its storage an expanded tensor (stride 0) may be. */
  private static final long EXPANSION = 64;

  private static final long SMALL = 16 << 20;

  private final ByteRegion file;
  private final ByteOrder order;
  private final Function<StorageReference, Extent> storages;

  /**
   * Tensors of one file.
   *
   * @param file where the storages are
   * @param order of their bytes
   * @param storages finds a storage by its reference or throws {@link CheckpointException}
   */
  StoredTensors(ByteRegion file, ByteOrder order, Function<StorageReference, Extent> storages) {
    this.file = file;
    this.order = order;
    this.storages = storages;
  }

  /**
   * The tensor that a call would have made.
   *
   * @return empty if its element type is one that Java cannot have
   */
  Optional<Tensor> make(String name, PyObject call) {
    try {
      List<Object> arguments = call.arguments();
      if (arguments.size() < 4
          || !(arguments.get(0) instanceof PyPersistent persistent)
          || !(arguments.get(1) instanceof Long offset)) {
        throw new CheckpointException("it is not built as torch.save writes tensors");
      }
      StorageReference storage = StorageReference.of(persistent);
      long[] shape = integers(arguments.get(2));
      long[] strides = integers(arguments.get(3));
      Optional<DType> dtype = storage.type().dtype();
      if (call.callable().equals("torch._utils._rebuild_tensor_v3")) {
        dtype =
            arguments.size() > 6 && arguments.get(6) instanceof PyGlobal type
                ? StorageType.ofTorchDtype(type.name())
                : Optional.empty();
      }
      return dtype.map(
          type ->
              new StoredTensor(name, type, shape, elements(storage, type, offset, shape, strides)));
    } catch (CheckpointException e) {
      throw new CheckpointException("tensor " + name + ": " + e.getMessage(), e);
    }
  }

  private static long[] integers(Object tuple) {
    if (!(tuple instanceof PySequence sequence) || sequence.items().size() > Shapes.MOST_AXES) {
      throw new CheckpointException("its shape is not a tuple of at most 64 integers");
    }
    long[] out = new long[sequence.items().size()];
    for (int i = 0; i < out.length; i++) {
      if (!(sequence.items().get(i) instanceof Long value)) {
        throw new CheckpointException("its shape has something else than integers");
      }
      out[i] = value;
    }
    return out;
  }

  private Elements elements(
      StorageReference storage, DType dtype, long offset, long[] shape, long[] strides) {
    long byteSize = Shapes.byteSize(dtype, shape);
    if (byteSize == 0) {
      return new ContiguousElements(ByteRegion.of(ByteBuffer.allocate(0)), 0, 0);
    }
    long storageSize = storage.byteSize();
    // The view of a storage is counted in the storage's elements, offset and strides in the
    // tensor's.
    long available = storage.viewCount() * storage.type().byteSize() / dtype.byteSize();
    checkBounds(available, offset, shape, strides);
    if (byteSize > SMALL && byteSize / EXPANSION > available * dtype.byteSize()) {
      throw new CheckpointException(
          String.format(
              "it repeats the %,d elements of its storage to %,d bytes; save it with .clone()",
              available, byteSize));
    }
    Extent extent = storages.apply(storage);
    if (extent.byteSize() < storageSize) {
      throw new CheckpointException(
          String.format(
              "its storage %s should have %,d bytes and has %,d",
              storage.key(), storageSize, extent.byteSize()));
    }
    long position =
        extent.position()
            + storage.viewStart() * storage.type().byteSize()
            + offset * dtype.byteSize();
    boolean swapped = order == ByteOrder.BIG_ENDIAN && dtype.byteSize() > 1;
    return !swapped && isContiguous(shape, strides)
        ? new ContiguousElements(file, position, byteSize)
        : new StridedElements(file, position, order, dtype, shape, strides);
  }

  private static void checkBounds(long available, long offset, long[] shape, long[] strides) {
    if (strides.length != shape.length) {
      throw new CheckpointException(
          "it has " + shape.length + " axes and " + strides.length + " strides");
    }
    try {
      long last = offset;
      for (int i = 0; i < shape.length; i++) {
        if (strides[i] < 0) {
          throw new CheckpointException("it has a negative stride");
        }
        last = Math.addExact(last, Math.multiplyExact(shape[i] - 1, strides[i]));
      }
      if (offset >= 0 && last < available) {
        return;
      }
    } catch (ArithmeticException e) {
      // A place that no number can say is out of the storage as well.
    }
    throw new CheckpointException(
        String.format(
            "shape %s, strides %s and offset %d reach outside of the %,d elements of its storage",
            Arrays.toString(shape), Arrays.toString(strides), offset, available));
  }

  private static boolean isContiguous(long[] shape, long[] strides) {
    long[] contiguous = Shapes.contiguousStrides(shape);
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] != 1 && strides[i] != contiguous[i]) {
        return false;
      }
    }
    return true;
  }
}
