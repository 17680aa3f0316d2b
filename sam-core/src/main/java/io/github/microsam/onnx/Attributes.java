package io.github.microsam.onnx;

import java.util.Arrays;
import onnx.Onnx;
import org.nd4j.linalg.api.buffer.DataType;

/** Arguments of ONNX operations. */
final class Attributes {
  private Attributes() {}

  static Onnx.AttributeProto of(String name, long value) {
    return named(name, Onnx.AttributeProto.AttributeType.INT).setI(value).build();
  }

  static Onnx.AttributeProto of(String name, long... values) {
    return named(name, Onnx.AttributeProto.AttributeType.INTS)
        .addAllInts(Arrays.stream(values).boxed().toList())
        .build();
  }

  static Onnx.AttributeProto of(String name, float value) {
    return named(name, Onnx.AttributeProto.AttributeType.FLOAT).setF(value).build();
  }

  static Onnx.AttributeProto of(String name, String value) {
    return named(name, Onnx.AttributeProto.AttributeType.STRING)
        .setS(org.nd4j.shade.protobuf.ByteString.copyFromUtf8(value))
        .build();
  }

  /** A tensor of one element. */
  static Onnx.AttributeProto element(String name, float value) {
    return named(name, Onnx.AttributeProto.AttributeType.TENSOR)
        .setT(
            Onnx.TensorProto.newBuilder()
                .setDataType(Onnx.TensorProto.DataType.FLOAT.getNumber())
                .addDims(1)
                .addFloatData(value))
        .build();
  }

  static Onnx.TensorProto.DataType type(DataType type) {
    return switch (type) {
      case FLOAT -> Onnx.TensorProto.DataType.FLOAT;
      case DOUBLE -> Onnx.TensorProto.DataType.DOUBLE;
      case LONG -> Onnx.TensorProto.DataType.INT64;
      case INT -> Onnx.TensorProto.DataType.INT32;
      case BOOL -> Onnx.TensorProto.DataType.BOOL;
      default -> throw new UnsupportedOperationException("no ONNX type is known for " + type);
    };
  }

  private static Onnx.AttributeProto.Builder named(
      String name, Onnx.AttributeProto.AttributeType type) {
    return Onnx.AttributeProto.newBuilder().setName(name).setType(type);
  }
}
