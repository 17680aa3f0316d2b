package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TensorTest {

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void everyHalfPrecisionNumberHasItsValue() {
    ByteBuffer bytes = little(2 << 16);
    for (int i = 0; i < 1 << 16; i++) {
      bytes.putShort((short) i);
    }
    float[] floats = Tensor.of("h", DType.F16, new long[] {1 << 16}, bytes.flip()).toFloats();
    for (int i = 0; i < 1 << 16; i++) {
      int exponent = (i >> 10) & 31;
      int fraction = i & 1023;
      double magnitude =
          exponent == 0
              ? Math.scalb((double) fraction, -24)
              : exponent < 31
                  ? Math.scalb(1024.0 + fraction, exponent - 25)
                  : fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      float expected = (float) ((i & 0x8000) == 0 ? magnitude : -magnitude);
      assertEquals(expected, floats[i], 0f, "half " + i);
      assertEquals((i & 0x8000) != 0, Float.floatToRawIntBits(floats[i]) < 0, "sign of half " + i);
    }
  }

  @Test
  void unsignedIntegersAreRoundedToNearest() {
    Random random = new Random(1);
    int count = 1000;
    ByteBuffer bytes = little(8 * count);
    for (int i = 0; i < count; i++) {
      bytes.putLong(i < 500 ? -i - 1 : random.nextLong());
    }
    float[] floats = Tensor.of("u", DType.U64, new long[] {count}, bytes.flip()).toFloats();
    for (int i = 0; i < count; i++) {
      BigInteger exact = new BigInteger(Long.toUnsignedString(bytes.getLong(8 * i)));
      assertEquals(exact.floatValue(), floats[i], 0f, exact.toString());
    }
  }

  @Test
  void integersKeepTheirSign() {
    ByteBuffer ff = ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1});
    assertArrayEquals(new float[] {-1}, one(DType.I8, ff));
    assertArrayEquals(new float[] {-1}, one(DType.I16, ff));
    assertArrayEquals(new float[] {-1}, one(DType.I32, ff));
    assertArrayEquals(new float[] {-1}, one(DType.I64, ff));
    assertArrayEquals(new float[] {255}, one(DType.U8, ff));
    assertArrayEquals(new float[] {65535}, one(DType.U16, ff));
    assertArrayEquals(new float[] {0x1p32f}, one(DType.U32, ff));
    assertArrayEquals(new float[] {0x1p64f}, one(DType.U64, ff));
  }

  private static float[] one(DType dtype, ByteBuffer bytes) {
    return Tensor.of("x", dtype, new long[0], bytes.slice(0, dtype.byteSize())).toFloats();
  }

  @Test
  void aTensorInMemoryIsAViewFromThePositionToTheLimit() {
    ByteBuffer bytes = little(20);
    bytes.putInt(4, 11).putInt(8, 22).position(4).limit(12);
    long[] shape = {1, 2};
    Tensor tensor = Tensor.of("a", DType.I32, shape, bytes);
    shape[0] = 9;
    assertArrayEquals(new long[] {1, 2}, tensor.shape());
    assertEquals(4, bytes.position());
    ByteBuffer read = tensor.renamed("b").read();
    assertTrue(read.isReadOnly());
    assertEquals(11, read.getInt());
    assertEquals(22, read.getInt());
    assertEquals(0, read.remaining());
    assertEquals("b", tensor.renamed("b").name());
  }

  @Test
  void bytesThatDoNotFillTheShapeAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Tensor.of("a", DType.F32, new long[] {2, 2}, ByteBuffer.allocate(15)));
  }
}
