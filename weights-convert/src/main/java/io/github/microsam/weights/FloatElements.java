package io.github.microsam.weights;

import java.nio.ByteBuffer;

/** Floating-point elements of every width, to and from double precision. */
final class FloatElements {
  /** Bits of the fraction and smallest exponent of a normal number. */
  private static final int F16_FRACTION = 10;

  private static final int F16_MIN_EXPONENT = -14;
  private static final int BF16_FRACTION = 7;
  private static final int BF16_MIN_EXPONENT = -126;

  private FloatElements() {}

  /** The next element, exactly. */
  static double get(ByteBuffer in, DType type) {
    return switch (type) {
      case F64 -> in.getDouble();
      case F32 -> in.getFloat();
      case BF16 -> Float.intBitsToFloat(in.getShort() << 16);
      case F16 -> FloatConversion.halfToFloat(in.getShort());
      default -> throw notFloat(type);
    };
  }

  /** Appends an element, rounded to the nearest, ties to even; too large ones become infinite. */
  static void put(ByteBuffer out, DType type, double value) {
    switch (type) {
      case F64 -> out.putDouble(value);
      case F32 -> out.putFloat((float) value);
      case BF16 -> out.putShort(narrow(value, BF16_FRACTION, BF16_MIN_EXPONENT));
      case F16 -> out.putShort(narrow(value, F16_FRACTION, F16_MIN_EXPONENT));
      default -> throw notFloat(type);
    }
  }

  /**
   * What {@link #put} appends for {@link DType#F16}, faster. After Fabian Giesen's
   * float_to_half_fast3_rtne (public domain).
   */
  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude >= 0x47800000) { // 65536, infinite or not a number
      return (short) (sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00));
    }
    if (magnitude < 0x38800000) { // subnormal: a unit in the last place of 0.5 is one of these
      float shifted = Float.intBitsToFloat(magnitude) + 0.5f;
      return (short) (sign | (Float.floatToRawIntBits(shifted) - 0x3f000000));
    }
    int rounding = 0xfff + (magnitude >> 13 & 1);
    return (short) (sign | ((magnitude - (112 << 23) + rounding) >> 13));
  }

  /** What {@link #put} appends for {@link DType#BF16}, faster. */
  static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
      return (short) ((bits >>> 16 & 0x8000) | 0x7fc0);
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  /** A 16-bit number of sign, exponent and fraction, in IEEE 754's manner. */
  private static short narrow(double value, int fractionBits, int minExponent) {
    int sign = (int) (Double.doubleToRawLongBits(value) >>> 48) & 0x8000;
    int infinite = 0x7fff & -(1 << fractionBits);
    if (Double.isNaN(value)) {
      return (short) (sign | infinite | (1 << (fractionBits - 1)));
    }
    int exponent = Math.max(Math.getExponent(value), minExponent);
    if (exponent > 1 - minExponent) {
      return (short) (sign | infinite);
    }
    // The power of two is exact, so rint is the only rounding. A fraction that rounds up to the
    // next power of two carries into the exponent, and from the largest exponent to infinity.
    double units = Math.rint(Math.abs(value) * powerOfTwo(fractionBits - exponent));
    int biased = exponent - minExponent;
    return (short) (sign | (biased << fractionBits) + (int) units);
  }

  private static double powerOfTwo(int exponent) {
    return Double.longBitsToDouble((long) (exponent + 1023) << 52);
  }

  private static IllegalArgumentException notFloat(DType type) {
    return new IllegalArgumentException(type + " is no floating-point type");
  }
}
