package io.github.microsam.weights;

import java.nio.ByteBuffer;

/** Elements of every type as single-precision numbers. */
final class FloatConversion {
  private FloatConversion() {}

  /** Converts all of the little-endian elements of {@code in}. */
  static void convert(DType dtype, ByteBuffer in, float[] out, int start) {
    int end = start + in.remaining() / dtype.byteSize();
    switch (dtype) {
      case F32 -> in.asFloatBuffer().get(out, start, end - start);
      case F64 -> {
        for (int i = start; i < end; i++) {
          out[i] = (float) in.getDouble();
        }
      }
      case F16 -> {
        for (int i = start; i < end; i++) {
          out[i] = halfToFloat(in.getShort());
        }
      }
      case BF16 -> {
        for (int i = start; i < end; i++) {
          out[i] = Float.intBitsToFloat(in.getShort() << 16);
        }
      }
      default -> {
        for (int i = start; i < end; i++) {
          out[i] = integer(dtype, in);
        }
      }
    }
  }

  private static float integer(DType dtype, ByteBuffer in) {
    return switch (dtype) {
      case BOOL, U8 -> in.get() & 0xff;
      case I8 -> in.get();
      case U16 -> in.getShort() & 0xffff;
      case I16 -> in.getShort();
      case U32 -> (float) (in.getInt() & 0xffffffffL);
      case I32 -> (float) in.getInt();
      case U64 -> unsigned(in.getLong());
      case I64 -> (float) in.getLong();
      default -> throw new AssertionError(dtype);
    };
  }

  private static float unsigned(long value) {
    // Halved with its last bit kept, so that rounding sees whether anything was below the half.
    return value >= 0 ? (float) value : (float) ((value >>> 1) | (value & 1)) * 2;
  }

  /** IEEE 754 binary16, subnormals and not-a-numbers with their payload included. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return Float.intBitsToFloat(sign | Float.floatToRawIntBits(magnitude));
    }
    int wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | (wide << 23) | (fraction << 13));
  }
}
