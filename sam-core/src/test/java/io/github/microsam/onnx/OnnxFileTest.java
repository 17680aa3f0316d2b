package io.github.microsam.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.model.SamModel;
import io.github.microsam.weights.MaskDecoderConfig;
import io.github.microsam.weights.SamConfig;
import io.github.microsam.weights.UnetrConfig;
import io.github.microsam.weights.VitConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import onnx.Onnx;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the files. That other runtimes compute the same is tested in sam-bench. */
class OnnxFileTest {
  private static SamModel model;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    model =
        SamModel.random(
            new SamConfig(
                new VitConfig(64, 16, 24, 2, 2, 96, 3, List.of(1), 16),
                new MaskDecoderConfig(3, 2, 8, 32, 3, 16, 16),
                Optional.empty()),
            1);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void weightsAreStoredOnceUnderTheirNamesInPyTorchsLayout() throws IOException {
    Path file = folder.resolve("encoder.onnx");
    OnnxExport.of(model).writeImageEncoder(file);
    Map<String, Onnx.TensorProto> tensors = tensors(file);
    model.imageEncoder().graph().variables().stream()
        .filter(v -> v.getVariableType().name().equals("VARIABLE"))
        .forEach(
            v -> {
              Onnx.TensorProto tensor = tensors.get(v.name());
              long[] shape = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
              assertArrayEquals(v.getShape(), shape, v.name());
              assertArrayEquals(
                  v.getArr().data().asFloat(), floats(tensor.getRawData().toByteArray()), v.name());
            });
  }

  @Test
  void everythingThatIsReadIsThereBefore() throws IOException {
    Path file = folder.resolve("prompts.onnx");
    OnnxExport.of(model).writePromptDecoder(file);
    Onnx.GraphProto graph = read(file).getGraph();
    Set<String> known = new HashSet<>(tensors(file).keySet());
    graph.getInputList().forEach(input -> known.add(input.getName()));
    Set<String> used = new HashSet<>();
    for (Onnx.NodeProto node : graph.getNodeList()) {
      used.addAll(node.getInputList());
      assertTrue(known.containsAll(node.getInputList()), node.toString());
      node.getOutputList().forEach(output -> assertTrue(known.add(output), output + " twice"));
    }
    graph.getOutputList().forEach(output -> assertTrue(known.contains(output.getName())));
    known.removeAll(used);
    assertEquals(Set.of("low_res_masks", "iou_predictions"), known, "what nothing reads");
  }

  @Test
  void weightsBeyondTheLimitGoIntoAFileBeside() throws IOException {
    Path whole = folder.resolve("whole.onnx");
    Path split = folder.resolve("split.onnx");
    Path weights = folder.resolve("split.onnx.data");
    assertEquals(List.of(whole), OnnxExport.of(model).writeImageEncoder(whole));
    assertEquals(List.of(split, weights), OnnxExport.of(model, 1000).writeImageEncoder(split));
    byte[] data = Files.readAllBytes(weights);
    Map<String, Onnx.TensorProto> expected = tensors(whole);
    Map<String, Onnx.TensorProto> actual = tensors(split);
    assertEquals(expected.keySet(), actual.keySet());
    for (Onnx.TensorProto tensor : actual.values()) {
      Map<String, String> place = new HashMap<>();
      tensor.getExternalDataList().forEach(e -> place.put(e.getKey(), e.getValue()));
      assertEquals("split.onnx.data", place.get("location"));
      int offset = Integer.parseInt(place.get("offset"));
      assertEquals(0, offset % 4096);
      assertArrayEquals(
          expected.get(tensor.getName()).getRawData().toByteArray(),
          Arrays.copyOfRange(data, offset, offset + Integer.parseInt(place.get("length"))),
          tensor.getName());
    }
  }

  @Test
  void aModelWithoutDecoderForAutomaticSegmentationHasNoneToExport() {
    Path file = folder.resolve("unetr.onnx");
    String message =
        assertThrows(IllegalStateException.class, () -> OnnxExport.of(model).writeUnetr(file))
            .getMessage();
    assertTrue(message.contains("no decoder for automatic segmentation"), message);
    assertTrue(Files.notExists(file));
  }

  @Test
  void everyNetworkNeedsOpset17AndNothingBesides() throws IOException {
    SamConfig withMaps =
        new SamConfig(
            model.config().encoder(),
            model.config().maskDecoder(),
            Optional.of(new UnetrConfig(4, 3, false, 3)));
    try (SamModel all = SamModel.random(withMaps, 1)) {
      OnnxExport export = OnnxExport.of(all);
      Path file = folder.resolve("network.onnx");
      for (Function<Path, List<Path>> network :
          List.<Function<Path, List<Path>>>of(
              export::writeImageEncoder, export::writePromptDecoder, export::writeUnetr)) {
        assertEquals(List.of(file), network.apply(file));
        Onnx.ModelProto read = read(file);
        assertEquals(8, read.getIrVersion()); // ONNX 1.12's, which brought opset 17
        for (Onnx.NodeProto node : read.getGraph().getNodeList()) {
          assertEquals("", node.getDomain(), node.toString());
        }
        Files.delete(file);
      }
    }
  }

  private static Onnx.ModelProto read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      Onnx.ModelProto read = Onnx.ModelProto.parseFrom(in);
      assertEquals(1, read.getOpsetImportCount());
      assertEquals("", read.getOpsetImport(0).getDomain());
      assertEquals(17, read.getOpsetImport(0).getVersion());
      return read;
    }
  }

  private static Map<String, Onnx.TensorProto> tensors(Path file) throws IOException {
    Map<String, Onnx.TensorProto> tensors = new HashMap<>();
    List<String> twice = new ArrayList<>();
    for (Onnx.TensorProto tensor : read(file).getGraph().getInitializerList()) {
      if (tensors.put(tensor.getName(), tensor) != null) {
        twice.add(tensor.getName());
      }
    }
    assertEquals(List.of(), twice);
    return tensors;
  }

  private static float[] floats(byte[] bytes) {
    float[] values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
