package io.github.microsam.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/**
 * A tensor of floating-point numbers whose elements are computed from others whenever they are
 * asked for.
 */
abstract class DerivedTensor implements Tensor {
  private final Tensor base;
  private final DType dtype;

  /** A tensor with the name and shape of {@code base}. */
  DerivedTensor(Tensor base, DType dtype) {
    this.base = base;
    this.dtype = dtype;
  }

  final Tensor base() {
    return base;
  }

  @Override
  public final String name() {
    return base.name();
  }

  @Override
  public final DType dtype() {
    return dtype;
  }

  @Override
  public final long[] shape() {
    return base.shape();
  }

  @Override
  public final ByteBuffer read() {
    if (byteSize() > Integer.MAX_VALUE) {
      throw new CheckpointException(
          name() + " has " + byteSize() + " bytes; more than 2 GiB can only be streamed");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) byteSize());
    try {
      writeTo(new Filling(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public final float[] toFloats() {
    ByteBuffer bytes = read();
    float[] out = new float[Math.toIntExact(elementCount())];
    FloatConversion.convert(dtype, bytes, out, 0);
    return out;
  }

  @Override
  public final Tensor renamed(String name) {
    return new RenamedTensor(this, name);
  }

  private record Filling(ByteBuffer target) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) {
      int count = bytes.remaining();
      target.put(bytes);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
