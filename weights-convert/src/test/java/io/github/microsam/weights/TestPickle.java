package io.github.microsam.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles opcode by opcode, wrong ones too. */
final class TestPickle {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TestPickle() {
    op(0x80).op(2);
  }

  TestPickle op(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  TestPickle repeat(int times, int... bytes) {
    for (int i = 0; i < times; i++) {
      op(bytes);
    }
    return this;
  }

  TestPickle int32(long value) {
    return little(value, 4);
  }

  TestPickle little(long value, int size) {
    for (int i = 0; i < size; i++) {
      out.write((int) (value >> (8 * i)));
    }
    return this;
  }

  TestPickle raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  TestPickle text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return op('X').int32(utf8.length).raw(utf8);
  }

  /** An integer of any size up to 64 bits, as LONG1. */
  TestPickle integer(long value) {
    return op(0x8a, 8).little(value, 8);
  }

  TestPickle real(double value) {
    return op('G').raw(ByteBuffer.allocate(8).order(ByteOrder.BIG_ENDIAN).putDouble(value).array());
  }

  TestPickle global(String module, String name) {
    return op('c').raw((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  TestPickle tuple(long... values) {
    op('(');
    for (long v : values) {
      integer(v);
    }
    return op('t');
  }

  TestPickle storage(String type, String key, long count) {
    return op('(')
        .text("storage")
        .global("torch", type)
        .text(key)
        .text("cpu")
        .integer(count)
        .op('t', 'Q');
  }

  /** A tensor as torch.save writes it; its hooks are an empty tuple. */
  TestPickle tensor(
      String type, String key, long count, long offset, long[] shape, long[] strides) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .op('(')
        .storage(type, key, count)
        .integer(offset)
        .tuple(shape)
        .tuple(strides)
        .op(0x89, ')', 't', 'R');
  }

  /** Ends the pickle. */
  byte[] stop() {
    out.write('.');
    return out.toByteArray();
  }

  /** A dictionary with one tensor called t. */
  static byte[] oneTensor(String type, long count, long offset, long[] shape, long[] strides) {
    return new TestPickle()
        .op('}')
        .text("t")
        .tensor(type, "0", count, offset, shape, strides)
        .op('s')
        .stop();
  }
}
