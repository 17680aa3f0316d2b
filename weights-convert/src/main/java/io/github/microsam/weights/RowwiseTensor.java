package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** A tensor whose rows are those of another one, changed in double precision and rounded once. */
final class RowwiseTensor extends DerivedTensor {
  /** Changes a row in place. */
  @FunctionalInterface
  interface Change {
    /** The elements along all axes but the first, and the index along the first. */
    void apply(int row, double[] elements);
  }

  private final Change change;

  RowwiseTensor(Tensor base, Change change) {
    super(base, base.dtype());
    this.change = change;
  }

  @Override
  public void writeTo(WritableByteChannel out) throws IOException {
    ByteBuffer in = base().read();
    int rows = (int) shape()[0];
    double[] row = new double[rows == 0 ? 0 : Math.toIntExact(elementCount() / rows)];
    ByteBuffer bytes =
        ByteBuffer.allocate(row.length * dtype().byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < row.length; i++) {
        row[i] = FloatElements.get(in, dtype());
      }
      change.apply(r, row);
      bytes.clear();
      for (double value : row) {
        FloatElements.put(bytes, dtype(), value);
      }
      bytes.flip();
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }
}
