package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * A named array of a checkpoint. It knows its type and shape at once and touches its elements only
 * when asked for them; strides, offsets and shared storages of the file are resolved, so that
 * elements always come in C order.
 *
 * <p>Immutable and safe for use by several threads. A tensor of a {@link Checkpoint} can be read
 * until that checkpoint is closed; afterwards reading throws {@link CheckpointException}.
 */
public interface Tensor {

  /**
   * A tensor in memory.
   *
   * @param name its name
   * @param dtype type of the elements
   * @param shape size along each axis, outermost first; empty for a scalar
   * @param elements the elements in C order, little-endian, from the buffer's position to its
   *     limit; not copied, so they must not change afterwards
   * @return a tensor that needs no closing
   * @throws IllegalArgumentException if shape and number of bytes contradict each other
   * @throws CheckpointException if the shape is negative or larger than 2^63
   */
  static Tensor of(String name, DType dtype, long[] shape, ByteBuffer elements) {
    return StoredTensor.inMemory(name, dtype, shape, elements);
  }

  /**
   * Name within the checkpoint; keys of nested dictionaries are joined with {@code /}.
   *
   * @return for instance {@code image_encoder.pos_embed} or {@code decoder_state/out_conv.weight}
   */
  String name();

  /**
   * Type of the elements as stored.
   *
   * @return the element type
   */
  DType dtype();

  /**
   * Size along each axis, outermost first (PyTorch's and NumPy's order).
   *
   * @return a copy; empty for a scalar
   */
  long[] shape();

  /**
   * Number of elements.
   *
   * @return the product of the shape; 1 for a scalar
   */
  default long elementCount() {
    long n = 1;
    for (long d : shape()) {
      n = Math.multiplyExact(n, d);
    }
    return n;
  }

  /**
   * Size of the elements in bytes.
   *
   * @return element count times element size
   */
  default long byteSize() {
    return Math.multiplyExact(elementCount(), dtype().byteSize());
  }

  /**
   * The elements in C order, little-endian. A tensor that lies contiguous in its file is handed out
   * as a view of the mapped file, without a copy.
   *
   * @return a read-only buffer in {@link java.nio.ByteOrder#LITTLE_ENDIAN}, position 0, of its own
   * @throws CheckpointException if the tensor is larger than 2 GiB, or its checkpoint is closed
   */
  ByteBuffer read();

  /**
   * Streams the elements in C order, little-endian, through a small buffer; any size.
   *
   * @param out where they go; stays open
   * @throws IOException if writing fails
   * @throws CheckpointException if the checkpoint is closed
   */
  void writeTo(WritableByteChannel out) throws IOException;

  /**
   * The elements as single-precision numbers: exact for 8 and 16 bit types, rounded to nearest even
   * for wider ones.
   *
   * @return a new array in C order
   * @throws CheckpointException if there are more than 2^31 - 9 elements, or the checkpoint is
   *     closed
   */
  float[] toFloats();

  /**
   * The same tensor under another name.
   *
   * @param name the new name
   * @return a view of this tensor
   */
  Tensor renamed(String name);
}
