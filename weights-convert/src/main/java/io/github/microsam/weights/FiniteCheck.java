package io.github.microsam.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Collection;
import java.util.List;

/** Finds numbers that are not numbers, and infinite ones. */
final class FiniteCheck extends ElementStream {
  private final DType type;
  private boolean finite = true;

  private FiniteCheck(DType type) {
    super(type);
    this.type = type;
  }

  /** Names of the tensors with elements that are NaN or infinite. */
  static List<String> nonFinite(Collection<? extends Tensor> tensors) {
    return tensors.stream()
        .filter(t -> t.dtype().isFloat() && !isFinite(t))
        .map(Tensor::name)
        .toList();
  }

  private static boolean isFinite(Tensor tensor) {
    FiniteCheck check = new FiniteCheck(tensor.dtype());
    try (WritableByteChannel stream = check) {
      tensor.writeTo(stream);
    } catch (IOException e) {
      throw new CheckpointException("Cannot read " + tensor.name() + ": " + e.getMessage(), e);
    }
    return check.finite;
  }

  /** An element is finite unless all bits of its exponent are set. */
  @Override
  void elements(ByteBuffer whole) {
    boolean all = true;
    switch (type) {
      case F32 -> {
        while (whole.hasRemaining()) {
          all &= (~whole.getInt() & 0x7f800000) != 0;
        }
      }
      case F16, BF16 -> {
        int exponent = type == DType.F16 ? 0x7c00 : 0x7f80;
        while (whole.hasRemaining()) {
          all &= (~whole.getShort() & exponent) != 0;
        }
      }
      default -> {
        while (whole.hasRemaining()) {
          all &= (~whole.getLong() & 0x7ff0000000000000L) != 0;
        }
      }
    }
    finite &= all;
  }
}
