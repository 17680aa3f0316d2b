package io.github.microsam.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.microsam.golden.FillTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PyTorch itself loads what is written. Skipped where no Python with PyTorch is installed. */
class TorchTest {
  /** Prints, for every file, the types of dictionaries and all about every tensor. */
  private static final String LISTING =
      """
      import hashlib, sys
      try:
          import torch, numpy
      except ImportError:
          sys.exit(0)
      def walk(file, prefix, node):
          print(file, "dict", prefix, type(node).__name__)
          for key, value in node.items():
              if isinstance(value, dict):
                  walk(file, prefix + key + "/", value)
              else:
                  assert value.is_contiguous() and not value.requires_grad, key
                  raw = value.reshape(-1)
                  raw = raw.view(torch.int16) if value.dtype == torch.bfloat16 else raw
                  digest = hashlib.sha256(raw.numpy().tobytes()).hexdigest()
                  shape = ",".join(map(str, value.shape))
                  print(file, "tensor", prefix + key, value.dtype, "[" + shape + "]", digest)
      for file in ("plain.pt", "export.pt", "odd.pt"):
          walk(file, "", torch.load(sys.argv[1] + "/" + file, weights_only=True))
      """;

  @TempDir static Path folder;

  private static List<String> listing = List.of();

  /** Writes all files and has them listed at once: it is the import of torch that takes long. */
  @BeforeAll
  static void loadEverything() throws Exception {
    CheckpointWriter.write(
        folder.resolve("plain.pt"), FillTensor.model("unetr_f4").values(), Map.of());
    Conversion.defaults()
        .convert(
            Fixtures.checkpoint("small_plain.pth"),
            Fixtures.checkpoint("small_decoder_only.pt"),
            folder.resolve("export.pt"));
    Conversion.defaults()
        .withLayout(OutputLayout.AS_IS)
        .convert(Fixtures.checkpoint("odd_zip.pth"), folder.resolve("odd.pt"));
    Path script = Files.writeString(folder.resolve("listing.py"), LISTING);
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (listing.isEmpty()) {
        listing = run(python, script.toString(), folder.toString());
      }
    }
    Assumptions.assumeFalse(
        listing.isEmpty(), "There is no python3 with torch and numpy (Debian: python3-torch)");
  }

  private static List<String> run(String... command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return List.of(); // there is no such program
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    assertEquals(0, process.exitValue(), output);
    return output.lines().toList();
  }

  private static List<String> lines(String file, String kind) {
    String start = file + " " + kind + " ";
    return listing.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .sorted()
        .toList();
  }

  private static List<String> describe(Collection<? extends Tensor> tensors) throws Exception {
    List<String> lines = new ArrayList<>();
    for (Tensor t : tensors) {
      ByteBuffer bytes = t.read();
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(copy);
      String shape =
          Arrays.stream(t.shape()).mapToObj(Long::toString).collect(Collectors.joining(","));
      lines.add(
          String.join(
              " ",
              t.name(),
              "torch." + GoldenCheckpointsTest.torchName(t.dtype()),
              "[" + shape + "]",
              HexFormat.of().formatHex(digest)));
    }
    return lines.stream().sorted().toList();
  }

  @Test
  void aStateDictIsLoaded() throws Exception {
    assertEquals(List.of(" OrderedDict"), lines("plain.pt", "dict"));
    assertEquals(describe(FillTensor.model("unetr_f4").values()), lines("plain.pt", "tensor"));
  }

  @Test
  void theExportOfMicroSamIsLoaded() throws Exception {
    assertEquals(
        List.of(" dict", "decoder_state/ OrderedDict", "model_state/ OrderedDict"),
        lines("export.pt", "dict"));
    assertEquals(268, lines("export.pt", "tensor").size());
    try (Checkpoint written = CheckpointReader.open(folder.resolve("export.pt"))) {
      assertEquals(describe(written.tensors().values()), lines("export.pt", "tensor"));
    }
  }

  @Test
  void everyElementTypeAndOddShapesAreLoaded() throws Exception {
    try (Checkpoint read = CheckpointReader.open(Fixtures.checkpoint("odd_zip.pth"))) {
      assertEquals(describe(read.tensors().values()), lines("odd.pt", "tensor"));
    }
  }
}
