package io.github.microsam.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.Golden;
import io.github.microsam.model.SamModel;
import io.github.microsam.onnx.OnnxExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportOnnxCommandTest {
  @TempDir Path folder;

  @Test
  void aModelBecomesAFileForEachNetwork() throws IOException {
    Path out = folder.resolve("made/on/the/way");
    Path model = Golden.shared("golden/checkpoints/small_export_with_decoder.pt");
    String said = CommandRun.of("export", "onnx", model, "-o", out).output();
    List<String> names = List.of("image_encoder.onnx", "prompt_decoder.onnx", "unetr_decoder.onnx");
    assertEquals(names, names(out));
    for (String name : names) {
      assertTrue(said.contains(out.resolve(name) + "  "), said);
    }
    // What is in them is tested in sam-core, and in sam-bench with another runtime.
    Path expected = folder.resolve("expected.onnx");
    try (SamModel loaded = SamModel.load(model)) {
      OnnxExport export = OnnxExport.of(loaded);
      export.writeImageEncoder(expected);
      assertEquals(-1, Files.mismatch(expected, out.resolve(names.get(0))));
      export.writePromptDecoder(expected);
      assertEquals(-1, Files.mismatch(expected, out.resolve(names.get(1))));
      export.writeUnetr(expected);
      assertEquals(-1, Files.mismatch(expected, out.resolve(names.get(2))));
    }
  }

  @Test
  void withoutDecoderThereAreTwo() throws IOException {
    Path model = Golden.shared("golden/checkpoints/small_plain.pth");
    CommandRun.of("export", "onnx", model, "-o", folder).output();
    assertEquals(List.of("image_encoder.onnx", "prompt_decoder.onnx"), names(folder));
  }

  @Test
  void existingFilesAreKeptUnlessTheyMayBeOverwritten() throws IOException {
    Path model = Golden.shared("golden/checkpoints/small_plain.pth");
    Path precious = Files.writeString(folder.resolve("prompt_decoder.onnx"), "precious");
    String error = CommandRun.of("export", "onnx", model, "-o", folder).failure();
    assertEquals(
        "microsam export onnx: " + precious + " exists already; --overwrite replaces it.",
        error.strip());
    assertEquals(List.of("prompt_decoder.onnx"), names(folder));
    CommandRun.of("export", "onnx", model, "-o", folder, "--overwrite").output();
    assertTrue(Files.size(precious) > 100_000);
  }

  @Test
  void wrongUseIsSaid() throws IOException {
    assertTrue(CommandRun.of("export").misuse().contains("Which format? There are: onnx"));
    assertTrue(CommandRun.of("export", "onnx", "model.pt").misuse().contains("--output"));
    Path file = Files.createFile(folder.resolve("file"));
    String error = CommandRun.of("export", "onnx", "model.pt", "-o", file).failure();
    assertTrue(error.contains(file + " is a file; name a folder."), error);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
