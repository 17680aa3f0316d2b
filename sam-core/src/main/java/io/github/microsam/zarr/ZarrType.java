package io.github.microsam.zarr;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;

/** What an element of an array is. */
public enum ZarrType {
  /** True and false, as 1 and 0. */
  BOOL("b1"),
  /** From -128 to 127. */
  INT8("i1"),
  /** 16 bits with sign. */
  INT16("i2"),
  /** 32 bits with sign. */
  INT32("i4"),
  /** 64 bits with sign; exact up to 2<sup>53</sup>. */
  INT64("i8"),
  /** From 0 to 255. */
  UINT8("u1"),
  /** From 0 to 65,535. */
  UINT16("u2"),
  /** From 0 to 4,294,967,295. */
  UINT32("u4"),
  /** 64 bits; exact up to 2<sup>53</sup>. */
  UINT64("u8"),
  /** 32 bits, floating point. */
  FLOAT32("f4"),
  /** 64 bits, floating point. */
  FLOAT64("f8");

  private final String code;

  ZarrType(String code) {
    this.code = code;
  }

  /** NumPy's code without the byte order, as in version 2. */
  String code() {
    return code;
  }

  /** The name in version 3. */
  String v3Name() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ZarrType of(String codeOrName) {
    return Arrays.stream(values())
        .filter(type -> type.code.equals(codeOrName) || type.v3Name().equals(codeOrName))
        .findFirst()
        .orElseThrow(
            () ->
                new ZarrException(
                    "elements of type %s, expected integers of 8 to 64 bits, float32 or float64"
                        .formatted(codeOrName)));
  }

  int bytes() {
    return code.charAt(1) - '0';
  }

  double get(ByteBuffer from, int element) {
    int at = element * bytes();
    return switch (this) {
      case BOOL, INT8 -> from.get(at);
      case UINT8 -> from.get(at) & 0xff;
      case INT16 -> from.getShort(at);
      case UINT16 -> from.getShort(at) & 0xffff;
      case INT32 -> from.getInt(at);
      case UINT32 -> from.getInt(at) & 0xffffffffL;
      case INT64 -> from.getLong(at);
      case UINT64 -> {
        long value = from.getLong(at);
        yield value >= 0 ? value : (double) (value >>> 1) * 2;
      }
      case FLOAT32 -> from.getFloat(at);
      case FLOAT64 -> from.getDouble(at);
    };
  }

  void put(ByteBuffer to, int element, double value) {
    int at = element * bytes();
    switch (this) {
      case BOOL, INT8, UINT8 -> to.put(at, (byte) (int) value);
      case INT16, UINT16 -> to.putShort(at, (short) (int) value);
      case INT32, UINT32 -> to.putInt(at, (int) (long) value);
      case INT64, UINT64 -> to.putLong(at, (long) value);
      case FLOAT32 -> to.putFloat(at, (float) value);
      case FLOAT64 -> to.putDouble(at, value);
    }
  }
}
