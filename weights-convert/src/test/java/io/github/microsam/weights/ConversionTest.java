package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.FillTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversionTest {
  private static final Conversion PLAIN = Conversion.defaults();

  @TempDir Path folder;

  private static Set<String> names(Path file) {
    try (Checkpoint checkpoint = CheckpointReader.open(file)) {
      return Set.copyOf(checkpoint.tensors().keySet());
    }
  }

  private Path written(Map<String, Tensor> tensors) {
    Path file = folder.resolve("source.pt");
    CheckpointWriter.write(file, tensors.values(), Map.of());
    return file;
  }

  private void assertNothingIn(String... expected) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          Set.of(expected), files.map(f -> f.getFileName().toString()).collect(Collectors.toSet()));
    }
  }

  @Test
  void safetensorsAreFlatAndTellTheArchitecture() {
    Path out = folder.resolve("model.safetensors");
    PLAIN.convert(Fixtures.checkpoint("small_joint_training.pt"), out);
    try (Checkpoint checkpoint = CheckpointReader.open(out);
        SamWeights weights = SamWeights.of(checkpoint)) {
      assertEquals(Layout.FLAT, weights.layout());
      assertEquals(268, weights.tensors().size());
      assertEquals("pt", checkpoint.metadata().get("format"));
      assertEquals("vit_48x4", checkpoint.metadata().get("microsam.model_type"));
      assertEquals(
          weights.parts(), ModelParts.fromJson(checkpoint.metadata().get("microsam.config")));
      weights.requireComplete();
    }
  }

  @Test
  void aModelWithADecoderBecomesAnExportOfMicroSam() {
    Path out = folder.resolve("model.pt");
    PLAIN.convert(Fixtures.checkpoint("small_joint_training.pt"), out);
    assertEquals(names(Fixtures.checkpoint("small_export_with_decoder.pt")), names(out));
  }

  @Test
  void theDecoderIsLeftOutOfAPlainSam() {
    Path out = folder.resolve("model.pth");
    PLAIN
        .withLayout(OutputLayout.SAM)
        .convert(Fixtures.checkpoint("small_export_with_decoder.pt"), out);
    assertEquals(FillTensor.model("small").keySet(), names(out));
  }

  @Test
  void twoFilesBecomeOne() {
    Path out = folder.resolve("model.pt");
    PLAIN.convert(
        Fixtures.checkpoint("small_half.pth"), Fixtures.checkpoint("small_decoder_only.pt"), out);
    assertEquals(names(Fixtures.checkpoint("small_export_with_decoder.pt")), names(out));
  }

  @Test
  void anExportNeedsADecoderAndAWholeModel() {
    Path out = folder.resolve("model.pt");
    Conversion export = PLAIN.withLayout(OutputLayout.MICRO_SAM);
    Path sam = Fixtures.checkpoint("small_plain.pth");
    CheckpointException e = assertThrows(CheckpointException.class, () -> export.convert(sam, out));
    assertTrue(e.getMessage().contains("no decoder"), e.getMessage());
    Path unetr = Fixtures.checkpoint("small_instseg_training.pt");
    e = assertThrows(CheckpointException.class, () -> export.convert(unetr, out));
    assertTrue(e.getMessage().contains("not a whole model"), e.getMessage());
    PLAIN.convert(unetr, out);
    assertTrue(names(out).contains("image_encoder.pos_embed"));
  }

  @Test
  void incompleteModelsAreRefusedWithAllThatIsMissing() throws Exception {
    Map<String, Tensor> tensors = FillTensor.model("small");
    tensors.remove("prompt_encoder.no_mask_embed.weight");
    tensors.remove("image_encoder.neck.3.bias");
    Path source = written(tensors);
    CheckpointException e =
        assertThrows(
            CheckpointException.class, () -> PLAIN.convert(source, folder.resolve("out.pt")));
    assertTrue(
        e.getMessage()
            .contains("2 missing: image_encoder.neck.3.bias, prompt_encoder.no_mask_embed.weight"),
        e.getMessage());
    assertNothingIn("source.pt");
  }

  /** The fixtures are what PyTorch's own {@code half()} and {@code bfloat16()} give. */
  @ParameterizedTest
  @CsvSource({"F16,small_half.pth", "BF16,small_bfloat16.pth"})
  void narrowElementsAreThoseOfPyTorch(DType dtype, String file) {
    Path out = folder.resolve("model.pt");
    PLAIN.withDType(dtype).convert(Fixtures.checkpoint("small_plain.pth"), out);
    assertSame(Fixtures.checkpoint(file), out);
  }

  @Test
  void wideElementsAreThoseThatTheyWere() {
    Path out = folder.resolve("wide.safetensors");
    PLAIN
        .withDType(DType.F32)
        .withLayout(OutputLayout.AS_IS)
        .convert(Fixtures.checkpoint("small_double.pth"), out);
    try (Checkpoint wide = CheckpointReader.open(out);
        Checkpoint plain = CheckpointReader.open(Fixtures.checkpoint("small_plain.pth"))) {
      wide.tensors()
          .forEach((name, t) -> assertEquals(plain.tensors().get(name).read(), t.read(), name));
    }
  }

  private static void assertSame(Path expected, Path actual) {
    try (Checkpoint a = CheckpointReader.open(expected);
        Checkpoint b = CheckpointReader.open(actual)) {
      assertEquals(a.tensors().keySet(), b.tensors().keySet());
      a.tensors()
          .forEach(
              (name, tensor) -> {
                assertEquals(tensor.dtype(), b.tensors().get(name).dtype(), name);
                assertEquals(tensor.read(), b.tensors().get(name).read(), name);
              });
    }
  }

  @Test
  void integersKeepTheirType() {
    Path out = folder.resolve("model.safetensors");
    PLAIN.withDType(DType.F16).convert(Fixtures.checkpoint("small_decoder_only.pt"), out);
    try (SamWeights weights = SamWeights.open(out)) {
      assertEquals(DType.I64, weights.tensor("deconv1.block.2.num_batches_tracked").dtype());
      assertEquals(DType.F16, weights.tensor("out_conv.weight").dtype());
    }
  }

  @Test
  void elementsThatDoNotFitAreAnErrorThatNamesTheTensors() throws Exception {
    Map<String, Tensor> tensors = FillTensor.model("small");
    putFirst(tensors, "image_encoder.neck.1.bias", 65520);
    putFirst(tensors, "image_encoder.neck.1.weight", 65519);
    putFirst(tensors, "image_encoder.neck.3.bias", -1e30f);
    putFirst(tensors, "image_encoder.neck.3.weight", Float.NEGATIVE_INFINITY);
    Path source = written(tensors);
    Path out = folder.resolve("out.pt");
    CheckpointException e =
        assertThrows(
            CheckpointException.class, () -> PLAIN.withDType(DType.F16).convert(source, out));
    assertEquals(
        "Elements are too large for f16 in image_encoder.neck.1.bias, image_encoder.neck.3.bias;"
            + " choose bf16 or f32",
        e.getMessage());
    assertNothingIn("source.pt");
    PLAIN.withDType(DType.BF16).convert(source, out);
    e =
        assertThrows(
            CheckpointException.class, () -> PLAIN.withRequireFinite(true).convert(source, out));
    assertTrue(e.getMessage().contains("NaN or infinite in image_encoder.neck.3.weight;"));
    assertThrows(CheckpointException.class, () -> PLAIN.withDType(DType.F64));
  }

  private static void putFirst(Map<String, Tensor> tensors, String key, float value) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * 32).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(0, value);
    tensors.put(key, Tensor.of(key, DType.F32, new long[] {32}, bytes));
  }

  @Test
  void adaptersAreKeptOrMerged() {
    Path lora = Fixtures.checkpoint("small_lora.pt");
    Path kept = folder.resolve("kept.safetensors");
    PLAIN.convert(lora, kept);
    Path merged = folder.resolve("merged.pt");
    PLAIN.withMergeAdapters(true).convert(kept, merged);
    assertEquals(FillTensor.model("small").keySet(), names(merged));
    try (SamWeights a = SamWeights.open(kept);
        SamWeights b = SamWeights.open(merged)) {
      assertTrue(a.adapter().isPresent());
      assertEquals(Optional.empty(), b.adapter());
      a.merged().tensors().forEach((k, t) -> assertEquals(t.read(), b.tensor(k).read(), k));
    }
    assertThrows(
        CheckpointException.class,
        () ->
            PLAIN
                .withMergeAdapters(true)
                .withLayout(OutputLayout.AS_IS)
                .convert(lora, folder.resolve("no.pt")));
  }

  @Test
  void aFileCanBeConvertedInPlace() throws Exception {
    Map<String, Tensor> tensors = FillTensor.model("small");
    Path source = written(tensors);
    PLAIN.withDType(DType.F16).convert(source, source);
    assertSame(Fixtures.checkpoint("small_half.pth"), source);
    assertNothingIn("source.pt");
  }

  @Test
  void progressCountsTheBytesOfTheOutput() {
    List<Long> seen = new ArrayList<>();
    PLAIN
        .withDType(DType.F16)
        .withProgress((done, total) -> seen.add(total - done))
        .convert(Fixtures.checkpoint("small_plain.pth"), folder.resolve("out.pt"));
    assertEquals(0, seen.get(seen.size() - 1));
    assertEquals(seen.stream().sorted((a, b) -> Long.compare(b, a)).toList(), seen);
  }

  @Test
  void metadataOfAnOlderFileIsKeptAsItIs() {
    Map<String, Tensor> tensors = new LinkedHashMap<>(FillTensor.model("small"));
    Path first = folder.resolve("first.safetensors");
    CheckpointWriter.write(first, tensors.values(), Map.of("author", "somebody"));
    Path second = folder.resolve("second.safetensors");
    PLAIN.withLayout(OutputLayout.AS_IS).convert(first, second);
    try (Checkpoint checkpoint = CheckpointReader.open(second)) {
      assertEquals(Map.of("author", "somebody", "format", "pt"), checkpoint.metadata());
    }
  }
}
