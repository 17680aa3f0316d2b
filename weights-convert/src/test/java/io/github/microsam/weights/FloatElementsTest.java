package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rounding to 16 bits, against the definition: the nearest representable number, ties to even. */
class FloatElementsTest {
  private static final ByteBuffer BYTES = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

  private static int encode(DType type, double value) {
    BYTES.clear();
    FloatElements.put(BYTES, type, value);
    return BYTES.getShort(0) & 0xffff;
  }

  private static double decode(DType type, int bits) {
    BYTES.clear();
    BYTES.putShort(0, (short) bits);
    return FloatElements.get(BYTES, type);
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void everyNumberComesBack(DType type) {
    for (int bits = 0; bits < 0x10000; bits++) {
      double value = decode(type, bits);
      if (!Double.isNaN(value)) {
        assertEquals(bits, encode(type, value), () -> "value " + value);
      }
    }
    assertEquals(Double.NaN, decode(type, encode(type, Double.NaN)));
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void numbersBetweenNeighboursGoToTheNearerOneAndTiesToTheEvenOne(DType type) {
    int infinite = type == DType.F16 ? 0x7c00 : 0x7f80;
    for (int bits = 0; bits < infinite; bits++) {
      double low = decode(type, bits);
      double high =
          bits + 1 == infinite ? 2 * low - decode(type, bits - 1) : decode(type, bits + 1);
      double middle = (low + high) / 2;
      assertEquals(bits + (bits & 1), encode(type, middle), () -> "middle " + middle);
      assertEquals(bits, encode(type, Math.nextDown(middle)), () -> "below " + middle);
      assertEquals(bits + 1, encode(type, Math.nextUp(middle)), () -> "above " + middle);
      assertEquals(0x8000 | bits, encode(type, -Math.nextDown(middle)), () -> "-" + middle);
    }
    assertEquals(infinite, encode(type, Double.MAX_VALUE));
    assertEquals(infinite, encode(type, Double.POSITIVE_INFINITY));
    assertEquals(0, encode(type, Double.MIN_VALUE));
  }

  @Test
  void theFastWaysRoundAsTheGeneralOne() {
    // Every exponent with every upper half of the fraction, around what decides the rounding.
    for (int upper = 0; upper < 0x10000; upper++) {
      for (int lower : new int[] {0, 1, 0xfff, 0x1000, 0x1001, 0x7fff, 0x8000, 0x8001, 0xffff}) {
        float value = Float.intBitsToFloat(upper << 16 | lower);
        if (Float.isNaN(value)) {
          assertTrue((FloatElements.toHalf(value) & 0x7fff) > 0x7c00);
          assertTrue((FloatElements.toBfloat16(value) & 0x7fff) > 0x7f80);
        } else {
          assertEquals(
              encode(DType.F16, value), FloatElements.toHalf(value) & 0xffff, () -> "f16 " + value);
          assertEquals(
              encode(DType.BF16, value),
              FloatElements.toBfloat16(value) & 0xffff,
              () -> "bf16 " + value);
        }
      }
    }
  }

  @Test
  void singlePrecisionIsExact() {
    Random random = new Random(7);
    for (int i = 0; i < 10000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      BYTES.clear();
      FloatElements.put(BYTES, DType.F32, value);
      assertEquals((double) value, FloatElements.get(BYTES.flip(), DType.F32));
    }
  }
}
