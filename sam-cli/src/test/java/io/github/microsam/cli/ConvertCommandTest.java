package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Golden;
import io.github.microsam.weights.Checkpoint;
import io.github.microsam.weights.CheckpointReader;
import io.github.microsam.weights.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {
  @TempDir Path folder;

  @Test
  void pyTorchBecomesSafetensorsWithTheSameElements() throws IOException {
    Path in = checkpoint("small_plain.pth");
    Path out = folder.resolve("model.safetensors");
    String said = CommandRun.of("convert", in, out).output();
    assertTrue(said.contains("tensors       202, 868.0 kB (202 f32)\n"), said);
    try (Checkpoint before = CheckpointReader.open(in);
        Checkpoint after = CheckpointReader.open(out)) {
      assertEquals(before.tensors().keySet(), after.tensors().keySet());
      for (Tensor tensor : before.tensors().values()) {
        Tensor converted = after.tensors().get(tensor.name());
        assertEquals(tensor.read(), converted.read(), tensor.name());
      }
    }
  }

  @Test
  void theElementTypeIsTheOneAskedForInAnyCase() {
    for (String type : List.of("f16", "BF16")) {
      Path out = folder.resolve(type + ".pt");
      CommandRun.of("convert", "--dtype", type, checkpoint("small_plain.pth"), out).output();
      try (Checkpoint converted = CheckpointReader.open(out)) {
        assertTrue(
            converted.tensors().values().stream()
                .allMatch(t -> t.dtype().toString().equalsIgnoreCase(type)),
            type);
      }
    }
  }

  @Test
  void loraIsMergedOnRequest() {
    Path in = checkpoint("small_lora.pt");
    Path out = folder.resolve("merged.safetensors");
    assertTrue(CommandRun.of("inspect", in).output().contains("\nadapter "));
    CommandRun.of("convert", "--merge-lora", in, out).output();
    assertFalse(CommandRun.of("inspect", out).output().contains("\nadapter "));
  }

  @Test
  void aDecoderOfAnotherFileIsAdded() {
    Path out = folder.resolve("whole.pt");
    CommandRun.of(
            "convert",
            "--decoder",
            checkpoint("small_decoder_only.pt"),
            checkpoint("small_plain.pth"),
            out)
        .output();
    try (Checkpoint converted = CheckpointReader.open(out)) {
      assertTrue(converted.tensors().containsKey("decoder_state/out_conv.weight"));
      assertTrue(converted.tensors().containsKey("model_state/image_encoder.pos_embed"));
    }
  }

  @Test
  void metadataTellHowTheModelSegments() {
    Path in = checkpoint("small_plain.pth");
    Path out = folder.resolve("told.safetensors");
    CommandRun.of(
            "convert",
            in,
            out,
            "--metadata",
            "microsam.ais.min_size=20",
            "--metadata=microsam.trained_on=a few cells")
        .output();
    try (Checkpoint told = CheckpointReader.open(out)) {
      assertEquals("20", told.metadata().get("microsam.ais.min_size"));
      assertEquals("a few cells", told.metadata().get("microsam.trained_on"));
      assertEquals("pt", told.metadata().get("format"));
    }
    for (String wrong :
        List.of(
            "microsam.ais.minsize=20 > no metadata called microsam.ais.minsize; there are: ",
            "microsam.ais.min_size=many > microsam.ais.min_size = 'many', expected a number",
            "microsam.resolution=large > expected native")) {
      String[] parts = wrong.split(" > ", -1);
      Path none = folder.resolve("none.safetensors");
      String error = CommandRun.of("convert", in, none, "--metadata", parts[0]).misuse();
      assertTrue(error.contains(parts[1]), error);
      assertFalse(Files.exists(none));
    }
    String error =
        CommandRun.of("convert", in, folder.resolve("a.pt"), "--metadata", "microsam.tile=200")
            .misuse();
    assertTrue(error.contains("for safetensors files"), error);
  }

  @Test
  void layoutsGoByTheNamesInTheHelp() {
    Path in = checkpoint("small_joint_training.pt");
    Path out = folder.resolve("out.safetensors");
    for (List<String> layout :
        List.of(
            List.of("auto", "out_conv.weight"),
            List.of("flat", "out_conv.weight"),
            List.of("sam", "mask_decoder.iou_token.weight"),
            List.of("micro-sam", "decoder_state/out_conv.weight"),
            List.of("as-is", "model_state/sam.mask_decoder.iou_token.weight"))) {
      CommandRun.of("convert", "--overwrite", "--layout", layout.get(0), in, out).output();
      try (Checkpoint converted = CheckpointReader.open(out)) {
        assertTrue(converted.tensors().containsKey(layout.get(1)), layout.toString());
      }
    }
    String error = CommandRun.of("convert", "--layout", "flt", in, out).misuse();
    assertTrue(error.contains("'flt' is none of auto, flat, sam, micro-sam, as-is"), error);
  }

  @Test
  void anExistingFileIsKeptUnlessItMayBeOverwritten() throws IOException {
    Path in = checkpoint("small_plain.pth");
    Path out = Files.writeString(folder.resolve("out.pt"), "precious");
    String error = CommandRun.of("convert", in, out).failure();
    assertEquals(
        "microsam convert: " + out + " exists already; --overwrite replaces it.", error.strip());
    assertEquals("precious", Files.readString(out));
    CommandRun.of("convert", "--overwrite", in, out).output();
    assertTrue(Files.size(out) > 800_000);
  }

  @Test
  void aFailedConversionLeavesNothingBehind() throws IOException {
    byte[] whole = Files.readAllBytes(checkpoint("small_plain.pth"));
    Path cut = folder.resolve("cut.pth");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    String error = CommandRun.of("convert", cut, folder.resolve("out.safetensors")).failure();
    assertTrue(error.contains(cut.toString()), error);
    assertTrue(
        CommandRun.of("convert", checkpoint("small_plain.pth"), folder.resolve("out.onnx"))
            .failure()
            .contains(".safetensors, .pt or .pth"));
    try (Stream<Path> files = Files.list(folder)) {
      assertArrayEquals(new Path[] {cut}, files.toArray());
    }
  }

  @Test
  void wrongUseIsSaidWithTheWayToTheHelp() {
    String error = CommandRun.of("convert", "in.pt").misuse();
    assertTrue(error.contains("OUT") && error.contains("microsam convert --help"), error);
    String type = CommandRun.of("convert", "--dtype", "f64", "a.pt", "b.pt").misuse();
    assertTrue(type.contains("F16") && type.contains("f64"), type);
  }

  private static Path checkpoint(String name) {
    return Golden.shared("golden/checkpoints/" + name);
  }
}
