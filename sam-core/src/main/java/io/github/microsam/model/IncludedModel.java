package io.github.microsam.model;

import io.github.microsam.weights.Checkpoint;
import io.github.microsam.weights.CheckpointException;
import io.github.microsam.weights.CheckpointReader;
import io.github.microsam.weights.SamWeights;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Models that come with this library, as resources beside its classes. They are read into memory
 * and nothing is unpacked, so they need no network, no cache and no folder that can be written.
 */
public enum IncludedModel {
  /**
   * A small TinyViT with decoders, for images of cells and nuclei at their own resolution on a
   * computer without GPU.
   */
  NANO;

  /**
   * The model of a name.
   *
   * @param name for instance {@code nano}
   * @return the model; empty if none is called that
   */
  public static Optional<IncludedModel> named(String name) {
    return Arrays.stream(values()).filter(model -> model.title().equals(name)).findFirst();
  }

  /**
   * The name that {@link SamModel#byName(String)} knows it by.
   *
   * @return for instance {@code nano}
   */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The file, a safetensors file with float16 weights.
   *
   * @return its bytes; the caller may change them
   */
  public byte[] bytes() {
    String resource = title() + ".safetensors";
    try (InputStream in = IncludedModel.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new CheckpointException(
            resource + " is missing from the jar of this library, which has been repackaged");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new CheckpointException(resource + " cannot be read from the jar: " + e, e);
    }
  }

  /**
   * What the file holds.
   *
   * @return tensors and metadata, in memory; need not be closed
   */
  public Checkpoint checkpoint() {
    return CheckpointReader.read(Path.of(title()), ByteBuffer.wrap(bytes()));
  }

  /**
   * The weights of the model.
   *
   * @return weights in memory, with the metadata of the file; need not be closed
   */
  public SamWeights weights() {
    return SamWeights.of(checkpoint());
  }
}
