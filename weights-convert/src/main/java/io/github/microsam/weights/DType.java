package io.github.microsam.weights;

import java.util.Locale;

/**
 * The element type of a stored tensor. Elements are little-endian wherever this library hands out
 * bytes.
 */
public enum DType {
  /** One byte, 0 or 1. */
  BOOL(1),
  /** Unsigned 8 bit. */
  U8(1),
  /** Signed 8 bit. */
  I8(1),
  /** Unsigned 16 bit. */
  U16(2),
  /** Signed 16 bit. */
  I16(2),
  /** Unsigned 32 bit. */
  U32(4),
  /** Signed 32 bit. */
  I32(4),
  /** Unsigned 64 bit. */
  U64(8),
  /** Signed 64 bit. */
  I64(8),
  /** IEEE 754 half precision: 5 bits of exponent, 10 of fraction. */
  F16(2),
  /** bfloat16: the upper half of a {@link #F32}. */
  BF16(2),
  /** IEEE 754 single precision. */
  F32(4),
  /** IEEE 754 double precision. */
  F64(8);

  private final int byteSize;

  DType(int byteSize) {
    this.byteSize = byteSize;
  }

  /**
   * Size of one element.
   *
   * @return bytes
   */
  public int byteSize() {
    return byteSize;
  }

  /**
   * Whether elements are floating-point numbers.
   *
   * @return true for {@link #F16}, {@link #BF16}, {@link #F32} and {@link #F64}
   */
  public boolean isFloat() {
    return this == F16 || this == BF16 || this == F32 || this == F64;
  }

  /**
   * The name in lower case, as safetensors tools and the command line write it: {@code f32}, {@code
   * bf16}.
   */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
