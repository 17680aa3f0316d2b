package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Elements that are gathered into C order: transposed, sliced or expanded views of a storage, or
 * big-endian ones.
 */
final class StridedElements implements Elements {
  private static final int CHUNK = 1 << 18;

  private final ByteRegion region;
  private final long position;
  private final int span;
  private final ByteOrder order;
  private final int elementSize;
  private final long byteSize;
  // Axes of size 1 are gone, and neighbours that lie behind one another are one axis.
  private final long[] shape;
  private final long[] strides;

  /**
   * Elements within a region.
   *
   * @param position of the first element
   * @param strides in elements, not negative
   */
  StridedElements(
      ByteRegion region,
      long position,
      ByteOrder order,
      DType dtype,
      long[] shape,
      long[] strides) {
    this.region = region;
    this.position = position;
    this.order = order;
    this.elementSize = dtype.byteSize();
    this.byteSize = Shapes.byteSize(dtype, shape);
    long last = 0;
    for (int i = 0; i < shape.length; i++) {
      last += (shape[i] - 1) * strides[i];
    }
    long bytes = byteSize == 0 ? 0 : (last + 1) * elementSize;
    if (bytes > Integer.MAX_VALUE) {
      throw new CheckpointException(
          String.format(
              "it is a strided view over %,d bytes; views over more than 2 GiB cannot be read,"
                  + " save it with .contiguous()",
              bytes));
    }
    this.span = (int) bytes;
    long[][] merged = merge(shape, strides);
    this.shape = merged[0];
    this.strides = merged[1];
  }

  private static long[][] merge(long[] shape, long[] strides) {
    long[] sizes = new long[shape.length];
    long[] steps = new long[shape.length];
    int axes = 0;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 1) {
        continue;
      }
      if (axes > 0 && steps[axes - 1] == strides[i] * shape[i]) {
        sizes[axes - 1] *= shape[i];
        steps[axes - 1] = strides[i];
      } else {
        sizes[axes] = shape[i];
        steps[axes++] = strides[i];
      }
    }
    return new long[][] {Arrays.copyOf(sizes, axes), Arrays.copyOf(steps, axes)};
  }

  @Override
  public ByteBuffer read() {
    ByteBuffer all = Buffers.allocate(byteSize, "a tensor that must be gathered");
    new Cursor().fill(all);
    return Buffers.slice(all.asReadOnlyBuffer(), 0, all.capacity());
  }

  @Override
  public void stream(Sink sink) throws IOException {
    Cursor cursor = new Cursor();
    ByteBuffer chunk =
        ByteBuffer.allocate((int) Math.min(CHUNK, byteSize)).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < byteSize; done += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), byteSize - done));
      cursor.fill(chunk);
      sink.accept(chunk.flip());
    }
  }

  /** Walks the elements in C order. */
  private final class Cursor {
    private final ByteBuffer source = region.view(position, span).order(order);
    private final long[] index = new long[shape.length];
    private final int inner = shape.length - 1;
    private int at;

    /** Puts as many elements as there is room for. */
    void fill(ByteBuffer out) {
      while (out.hasRemaining()) {
        int wanted = out.remaining() / elementSize;
        if (inner < 0) {
          run(out, 1, 0);
          continue;
        }
        int count = (int) Math.min(wanted, shape[inner] - index[inner]);
        int step = (int) strides[inner] * elementSize;
        run(out, count, step);
        at += count * step;
        index[inner] += count;
        carry();
      }
    }

    private void carry() {
      for (int i = inner; i >= 0 && index[i] == shape[i]; i--) {
        at -= (int) (shape[i] * strides[i]) * elementSize;
        index[i] = 0;
        if (i > 0) {
          index[i - 1]++;
          at += (int) strides[i - 1] * elementSize;
        }
      }
    }

    private void run(ByteBuffer out, int count, int step) {
      if (step == elementSize && order == ByteOrder.LITTLE_ENDIAN) {
        out.put(out.position(), source, at, count * step);
        out.position(out.position() + count * step);
        return;
      }
      switch (elementSize) {
        case 1 -> {
          for (int i = 0; i < count; i++) {
            out.put(source.get(at + i * step));
          }
        }
        case 2 -> {
          for (int i = 0; i < count; i++) {
            out.putShort(source.getShort(at + i * step));
          }
        }
        case 4 -> {
          for (int i = 0; i < count; i++) {
            out.putInt(source.getInt(at + i * step));
          }
        }
        default -> {
          for (int i = 0; i < count; i++) {
            out.putLong(source.getLong(at + i * step));
          }
        }
      }
    }
  }
}
