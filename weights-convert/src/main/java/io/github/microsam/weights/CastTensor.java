package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;

/**
 * A tensor of floating-point numbers in another width, rounded to nearest, ties to even. When a
 * finite element turns infinite while the tensor is read, its name is reported.
 */
final class CastTensor extends DerivedTensor {
  private static final int CHUNK = 1 << 15;

  private final Consumer<String> overflows;

  CastTensor(Tensor base, DType dtype, Consumer<String> overflows) {
    super(base, dtype);
    this.overflows = overflows;
  }

  @Override
  public void writeTo(WritableByteChannel out) throws IOException {
    Casting casting = new Casting(out);
    base().writeTo(casting);
    if (casting.overflowed) {
      overflows.accept(name());
    }
  }

  private final class Casting extends ElementStream {
    private final WritableByteChannel out;
    private final ByteBuffer cast =
        ByteBuffer.allocateDirect(CHUNK * dtype().byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    private final double largest = largest(dtype());
    private boolean overflowed;

    Casting(WritableByteChannel out) {
      super(base().dtype());
      this.out = out;
    }

    @Override
    void elements(ByteBuffer whole) throws IOException {
      DType from = base().dtype();
      while (whole.hasRemaining()) {
        cast.clear();
        int count = Math.min(CHUNK, whole.remaining() / from.byteSize());
        for (int i = 0; i < count; i++) {
          double value = FloatElements.get(whole, from);
          overflowed |= Math.abs(value) >= largest && !Double.isInfinite(value);
          FloatElements.put(cast, dtype(), value);
        }
        cast.flip();
        while (cast.hasRemaining()) {
          out.write(cast);
        }
      }
    }
  }

  /** From here on numbers are rounded to infinity: half a unit above the largest finite one. */
  private static double largest(DType type) {
    return switch (type) {
      case F16 -> 65520;
      case BF16 -> 0x1.ffp127;
      case F32 -> 0x1.ffffffp127;
      default -> Double.POSITIVE_INFINITY;
    };
  }
}
