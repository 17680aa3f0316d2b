package io.github.microsam.weights;

import io.github.microsam.weights.pickle.PyObject;
import io.github.microsam.weights.pickle.PySequence;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** NumPy's arrays and scalars within a pickle, where their type is one that {@link DType} has. */
final class NumpyValues {
  private NumpyValues() {}

  /** The tensor or number that an object of NumPy is, or empty if it is neither. */
  static Optional<Object> of(String name, PyObject object) {
    return switch (object.callable()) {
      case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct" ->
          array(name, object.state());
      case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar" ->
          scalar(object.arguments());
      default -> Optional.empty();
    };
  }

  private record NumpyType(DType dtype, ByteOrder order) {}

  /** The state is (version, shape, type, whether in Fortran order, bytes). */
  private static Optional<Object> array(String name, Object state) {
    if (!(state instanceof PySequence s)
        || s.items().size() != 5
        || !(s.items().get(1) instanceof PySequence dims)
        || !(s.items().get(3) instanceof Boolean fortran)
        || !(s.items().get(4) instanceof byte[] bytes)) {
      return Optional.empty();
    }
    Optional<NumpyType> type = type(s.items().get(2));
    if (type.isEmpty() || dims.items().size() > Shapes.MOST_AXES) {
      return Optional.empty();
    }
    long[] shape = new long[dims.items().size()];
    for (int i = 0; i < shape.length; i++) {
      if (!(dims.items().get(i) instanceof Long d)) {
        return Optional.empty();
      }
      shape[i] = d;
    }
    DType dtype = type.get().dtype();
    if (Shapes.byteSize(dtype, shape) != bytes.length) {
      throw new CheckpointException("array " + name + ": its bytes do not fill its shape");
    }
    long[] strides = fortran ? Shapes.fortranStrides(shape) : Shapes.contiguousStrides(shape);
    ByteRegion region = ByteRegion.of(ByteBuffer.wrap(bytes));
    return Optional.of(
        new StoredTensor(
            name,
            dtype,
            shape,
            new StridedElements(region, 0, type.get().order(), dtype, shape, strides)));
  }

  private static Optional<Object> scalar(List<Object> arguments) {
    if (arguments.size() != 2 || !(arguments.get(1) instanceof byte[] bytes)) {
      return Optional.empty();
    }
    return type(arguments.get(0))
        .filter(type -> type.dtype().byteSize() == bytes.length)
        .map(type -> number(type.dtype(), ByteBuffer.wrap(bytes).order(type.order())));
  }

  private static Object number(DType dtype, ByteBuffer bytes) {
    return switch (dtype) {
      case BOOL -> bytes.get() != 0;
      case U8 -> (long) (bytes.get() & 0xff);
      case I8 -> (long) bytes.get();
      case U16 -> (long) (bytes.getShort() & 0xffff);
      case I16 -> (long) bytes.getShort();
      case U32 -> bytes.getInt() & 0xffffffffL;
      case I32 -> (long) bytes.getInt();
      case U64 -> new BigInteger(Long.toUnsignedString(bytes.getLong()));
      case I64 -> bytes.getLong();
      case F16 -> (double) FloatConversion.halfToFloat(bytes.getShort());
      case BF16 -> (double) Float.intBitsToFloat(bytes.getShort() << 16);
      case F32 -> (double) bytes.getFloat();
      case F64 -> bytes.getDouble();
    };
  }

  /** A type is called with its name, and its state begins with version and byte order. */
  private static Optional<NumpyType> type(Object dtype) {
    if (!(dtype instanceof PyObject object)
        || !object.callable().equals("numpy.dtype")
        || object.arguments().isEmpty()
        || !(object.arguments().get(0) instanceof String name)) {
      return Optional.empty();
    }
    boolean bigEndian =
        object.state() instanceof PySequence s
            && s.items().size() > 1
            && ">".equals(s.items().get(1));
    ByteOrder order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return Optional.ofNullable(
            switch (name) {
              case "b1" -> DType.BOOL;
              case "u1" -> DType.U8;
              case "i1" -> DType.I8;
              case "u2" -> DType.U16;
              case "i2" -> DType.I16;
              case "u4" -> DType.U32;
              case "i4" -> DType.I32;
              case "u8" -> DType.U64;
              case "i8" -> DType.I64;
              case "f2" -> DType.F16;
              case "f4" -> DType.F32;
              case "f8" -> DType.F64;
              default -> null;
            })
        .map(d -> new NumpyType(d, order));
  }
}
