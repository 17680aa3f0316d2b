package io.github.microsam.weights;

import java.nio.file.Path;
import java.util.Locale;

/** The file formats that checkpoints can be written in. */
public enum OutputFormat {
  /** The zip format of {@code torch.save}; {@code torch.load(…, weights_only=True)} reads it. */
  PYTORCH,
  /** The safetensors format. */
  SAFETENSORS;

  /**
   * The format that a file name asks for.
   *
   * @param file a name that ends with {@code .safetensors}, {@code .pt} or {@code .pth}
   * @return the format
   * @throws CheckpointException for any other name
   */
  public static OutputFormat ofFileName(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".safetensors")) {
      return SAFETENSORS;
    }
    if (name.endsWith(".pt") || name.endsWith(".pth")) {
      return PYTORCH;
    }
    throw new CheckpointException(
        "The name of " + file + " does not tell the format: end it with .safetensors, .pt or .pth");
  }
}
