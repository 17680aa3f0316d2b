package io.github.microsam.weights;

import java.util.Map;
import java.util.Optional;

/**
 * An element type by the name of PyTorch's storage class.
 *
 * @param dtype the type, or empty if tensors of this type cannot be read
 * @param byteSize size of an element
 */
record StorageType(Optional<DType> dtype, int byteSize) {
  private static final Map<String, StorageType> BY_CLASS =
      Map.ofEntries(
          readable("BoolStorage", DType.BOOL),
          readable("ByteStorage", DType.U8),
          readable("UntypedStorage", DType.U8),
          readable("_UntypedStorage", DType.U8),
          readable("CharStorage", DType.I8),
          readable("ShortStorage", DType.I16),
          readable("IntStorage", DType.I32),
          readable("LongStorage", DType.I64),
          readable("HalfStorage", DType.F16),
          readable("BFloat16Storage", DType.BF16),
          readable("FloatStorage", DType.F32),
          readable("DoubleStorage", DType.F64),
          unreadable("QInt8Storage", 1),
          unreadable("QUInt8Storage", 1),
          unreadable("QUInt4x2Storage", 1),
          unreadable("QUInt2x4Storage", 1),
          unreadable("QInt32Storage", 4),
          unreadable("ComplexFloatStorage", 8),
          unreadable("ComplexDoubleStorage", 16));

  private static final Map<String, DType> BY_TORCH_DTYPE =
      Map.ofEntries(
          Map.entry("torch.bool", DType.BOOL),
          Map.entry("torch.uint8", DType.U8),
          Map.entry("torch.int8", DType.I8),
          Map.entry("torch.uint16", DType.U16),
          Map.entry("torch.int16", DType.I16),
          Map.entry("torch.uint32", DType.U32),
          Map.entry("torch.int32", DType.I32),
          Map.entry("torch.uint64", DType.U64),
          Map.entry("torch.int64", DType.I64),
          Map.entry("torch.float16", DType.F16),
          Map.entry("torch.bfloat16", DType.BF16),
          Map.entry("torch.float32", DType.F32),
          Map.entry("torch.float64", DType.F64));

  private static Map.Entry<String, StorageType> readable(String name, DType dtype) {
    return Map.entry(name, new StorageType(Optional.of(dtype), dtype.byteSize()));
  }

  private static Map.Entry<String, StorageType> unreadable(String name, int byteSize) {
    return Map.entry(name, new StorageType(Optional.empty(), byteSize));
  }

  /**
   * The type of a storage class.
   *
   * @param name such as {@code torch.FloatStorage} or {@code torch.cuda.HalfStorage}
   */
  static StorageType ofClass(String name) {
    StorageType type =
        name.startsWith("torch.") ? BY_CLASS.get(name.substring(name.lastIndexOf('.') + 1)) : null;
    if (type == null) {
      throw new CheckpointException("its storage class " + name + " is not known");
    }
    return type;
  }

  /** The type that {@code torch.float32} and the like name, or empty if it cannot be read. */
  static Optional<DType> ofTorchDtype(String name) {
    return Optional.ofNullable(BY_TORCH_DTYPE.get(name));
  }
}
