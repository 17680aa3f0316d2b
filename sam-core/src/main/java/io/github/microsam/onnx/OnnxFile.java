package io.github.microsam.onnx;

import io.github.microsam.io.WholeFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import onnx.Onnx;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.UnsafeByteOperations;

/** Writes a graph as an ONNX file; weights stream from native memory. */
final class OnnxFile {
  /** The version of the format that ONNX 1.12 brought, together with opset 17. */
  private static final int IR_VERSION = 8;

  private static final int OPSET = 17;

  /** Places of arrays in a file of their own, as the format advises: pages can be mapped. */
  private static final int ALIGNMENT = 4096;

  private final OnnxGraph graph;
  private final String name;
  private final Map<String, String> metadata;
  private final long embeddedLimit;

  /**
   * A file to be.
   *
   * @param name of the graph
   * @param metadata texts that go into the file
   * @param embeddedLimit bytes of weights up to which they go into the file itself
   */
  OnnxFile(OnnxGraph graph, String name, Map<String, String> metadata, long embeddedLimit) {
    this.graph = graph;
    this.name = name;
    this.metadata = metadata;
    this.embeddedLimit = embeddedLimit;
  }

  /**
   * Writes the file, or both where the weights need one of their own, each beside its target and
   * then moved into place.
   *
   * @return the files; the graph comes first
   */
  List<Path> write(Path file) {
    OnnxGraph.Content content = graph.content();
    List<Onnx.TensorProto> tensors = new ArrayList<>();
    List<Path> files = new ArrayList<>(List.of(file));
    if (byteSize(content.initializers().values()) <= embeddedLimit) {
      content.initializers().forEach((key, array) -> tensors.add(embedded(key, array)));
    } else {
      Path weights = file.resolveSibling(file.getFileName() + ".data");
      WholeFile.write(weights, part -> writeWeights(part, weights, content, tensors));
      files.add(weights);
    }
    Onnx.ModelProto model = model(content.nodes(), tensors);
    WholeFile.write(
        file,
        part -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 20)) {
            model.writeTo(out);
          }
        });
    return files;
  }

  private static long byteSize(Iterable<INDArray> arrays) {
    long bytes = 0;
    for (INDArray array : arrays) {
      bytes += array.length() * array.dataType().width();
    }
    return bytes;
  }

  private static Onnx.TensorProto.Builder tensor(String key, INDArray array) {
    return Onnx.TensorProto.newBuilder()
        .setName(key)
        .setDataType(Attributes.type(array.dataType()).getNumber())
        .addAllDims(Arrays.stream(array.shape()).boxed().toList());
  }

  private static Onnx.TensorProto embedded(String key, INDArray array) {
    return tensor(key, array).setRawData(UnsafeByteOperations.unsafeWrap(bytes(array))).build();
  }

  private static void writeWeights(
      Path part, Path target, OnnxGraph.Content content, List<Onnx.TensorProto> tensors)
      throws IOException {
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
      for (Map.Entry<String, INDArray> e : content.initializers().entrySet()) {
        long start = (channel.position() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        channel.position(start);
        ByteBuffer bytes = bytes(e.getValue());
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        tensors.add(
            tensor(e.getKey(), e.getValue())
                .setDataLocation(Onnx.TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", target.getFileName().toString()))
                .addExternalData(entry("offset", Long.toString(start)))
                .addExternalData(entry("length", Long.toString(channel.position() - start)))
                .build());
      }
    }
  }

  private Onnx.ModelProto model(List<Onnx.NodeProto> nodes, List<Onnx.TensorProto> tensors) {
    Onnx.ModelProto.Builder model =
        Onnx.ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("microsam")
            .addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .setGraph(
                Onnx.GraphProto.newBuilder()
                    .setName(name)
                    .addAllInput(graph.inputs())
                    .addAllOutput(graph.outputs())
                    .addAllNode(nodes)
                    .addAllInitializer(tensors));
    metadata.forEach((key, value) -> model.addMetadataProps(entry(key, value)));
    return model.build();
  }

  private static Onnx.StringStringEntryProto entry(String key, String value) {
    return Onnx.StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /** The elements in C order, little-endian as ONNX wants them; valid while the array is open. */
  private static ByteBuffer bytes(INDArray array) {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException("ONNX files are written on little-endian machines");
    }
    INDArray plain = array.isView() || array.ordering() != 'c' ? array.dup('c') : array;
    return new BytePointer(plain.data().pointer())
        .capacity(plain.length() * plain.dataType().width())
        .asBuffer();
  }
}
