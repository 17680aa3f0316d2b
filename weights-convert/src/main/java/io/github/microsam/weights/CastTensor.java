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
    private final float[] singles = new float[CHUNK];
    private final short[] shorts = new short[CHUNK];
    private final double limit = limit(dtype());
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
        if (from == DType.F32 && dtype().byteSize() == Short.BYTES) {
          castSingles(whole, count);
        } else {
          castAny(whole, count);
        }
        cast.flip();
        while (cast.hasRemaining()) {
          out.write(cast);
        }
      }
    }

    private void castAny(ByteBuffer whole, int count) {
      for (int i = 0; i < count; i++) {
        double value = FloatElements.get(whole, base().dtype());
        overflowed |= Math.abs(value) >= limit && !Double.isInfinite(value);
        FloatElements.put(cast, dtype(), value);
      }
    }

    private void castSingles(ByteBuffer whole, int count) {
      whole.asFloatBuffer().get(singles, 0, count);
      whole.position(whole.position() + count * Float.BYTES);
      float singleLimit = (float) limit;
      boolean beyond = false;
      for (int i = 0; i < count; i++) {
        float magnitude = Math.abs(singles[i]);
        beyond |= magnitude >= singleLimit && magnitude <= Float.MAX_VALUE;
      }
      overflowed |= beyond;
      if (dtype() == DType.F16) {
        for (int i = 0; i < count; i++) {
          shorts[i] = FloatElements.toHalf(singles[i]);
        }
      } else {
        for (int i = 0; i < count; i++) {
          shorts[i] = FloatElements.toBfloat16(singles[i]);
        }
      }
      cast.asShortBuffer().put(shorts, 0, count);
      cast.position(count * Short.BYTES);
    }
  }

  /** From here on numbers are rounded to infinity: half a unit above the largest finite one. */
  private static double limit(DType type) {
    return switch (type) {
      case F16 -> 65520;
      case BF16 -> 0x1.ffp127;
      case F32 -> 0x1.ffffffp127;
      default -> Double.POSITIVE_INFINITY;
    };
  }
}
