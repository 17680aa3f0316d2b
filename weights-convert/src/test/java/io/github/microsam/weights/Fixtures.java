package io.github.microsam.weights;

import io.github.microsam.golden.Golden;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;

/** The golden checkpoints as files. */
final class Fixtures {
  /** Those that are copied into the test resources. */
  static final List<String> SMALL =
      List.of(
          "odd_zip.pth",
          "odd_legacy.pth",
          "odd_proto4.pth",
          "mixed.safetensors",
          "small_cuda_tag.pth",
          "small_decoder_only.pt",
          "small_decoder_convtranspose.pt");

  private Fixtures() {}

  /** A file of the set, or the calling test is skipped. */
  static Path checkpoint(String file) {
    URL resource = Fixtures.class.getResource("/golden/checkpoints/" + file);
    if (resource == null) {
      return Golden.shared("golden/checkpoints/" + file);
    }
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
