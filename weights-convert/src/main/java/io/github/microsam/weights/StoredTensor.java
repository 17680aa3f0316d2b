package io.github.microsam.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;

/** A tensor whose elements lie in a file or in memory. */
final class StoredTensor implements Tensor {
  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final String name;
  private final DType dtype;
  private final long[] shape;
  private final Elements elements;

  /** A tensor of that many elements; the shape is not copied. */
  StoredTensor(String name, DType dtype, long[] shape, Elements elements) {
    this.name = name;
    this.dtype = dtype;
    this.shape = shape;
    this.elements = elements;
  }

  static StoredTensor inMemory(String name, DType dtype, long[] shape, ByteBuffer bytes) {
    if (Shapes.byteSize(dtype, shape) != bytes.remaining()) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %d bytes do not fill a shape of %s in %s",
              name, bytes.remaining(), Arrays.toString(shape), dtype));
    }
    ByteRegion region = ByteRegion.of(bytes);
    return new StoredTensor(
        name, dtype, shape.clone(), new ContiguousElements(region, 0, bytes.remaining()));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public ByteBuffer read() {
    try {
      return elements.read();
    } catch (InternalError e) {
      throw fault(e);
    } catch (CheckpointException e) {
      throw named(e);
    }
  }

  @Override
  public void writeTo(WritableByteChannel out) throws IOException {
    stream(
        chunk -> {
          while (chunk.hasRemaining()) {
            out.write(chunk);
          }
        });
  }

  @Override
  public float[] toFloats() {
    long count = elementCount();
    if (count > LONGEST_ARRAY) {
      throw new CheckpointException(
          String.format(
              "%s has %,d elements, more than an array can hold; stream it", name, count));
    }
    float[] out = allocate((int) count);
    int[] done = {0};
    try {
      stream(
          chunk -> {
            int n = chunk.remaining() / dtype.byteSize();
            FloatConversion.convert(dtype, chunk, out, done[0]);
            done[0] += n;
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out;
  }

  private float[] allocate(int count) {
    try {
      return new float[count];
    } catch (OutOfMemoryError e) {
      throw Buffers.noRoom(4L * count, name, e);
    }
  }

  private void stream(Elements.Sink sink) throws IOException {
    try {
      elements.stream(sink);
    } catch (InternalError e) {
      throw fault(e);
    } catch (CheckpointException e) {
      throw named(e);
    }
  }

  /** How the virtual machine reports that a mapped page is not there any more. */
  private CheckpointException fault(InternalError e) {
    return new CheckpointException(
        name + ": the file was truncated or its disk failed while it was read", e);
  }

  private CheckpointException named(CheckpointException e) {
    return new CheckpointException(name + ": " + e.getMessage(), e);
  }

  @Override
  public Tensor renamed(String newName) {
    return new StoredTensor(newName, dtype, shape, elements);
  }

  @Override
  public String toString() {
    return name + " " + dtype + Arrays.toString(shape);
  }
}
