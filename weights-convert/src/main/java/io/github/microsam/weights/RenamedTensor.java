package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Another tensor under a new name. */
record RenamedTensor(Tensor tensor, String name) implements Tensor {
  @Override
  public DType dtype() {
    return tensor.dtype();
  }

  @Override
  public long[] shape() {
    return tensor.shape();
  }

  @Override
  public ByteBuffer read() {
    return tensor.read();
  }

  @Override
  public void writeTo(WritableByteChannel out) throws IOException {
    tensor.writeTo(out);
  }

  @Override
  public float[] toFloats() {
    return tensor.toFloats();
  }

  @Override
  public Tensor renamed(String other) {
    return new RenamedTensor(tensor, other);
  }
}
