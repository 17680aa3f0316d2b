package io.github.microsam.weights;

import java.nio.file.Path;
import java.util.Map;

/**
 * The content of a checkpoint file: its tensors by name, and whatever else it holds as plain
 * values.
 *
 * <pre>{@code
 * try (Checkpoint checkpoint = CheckpointReader.open(Path.of("vit_b.pt"))) {
 *   for (Tensor tensor : checkpoint.tensors().values()) {
 *     System.out.println(tensor.name() + " " + Arrays.toString(tensor.shape()));
 *   }
 * }
 * }</pre>
 *
 * <p>The file stays mapped, and on Windows cannot be deleted, until the checkpoint is closed and
 * the buffers that its tensors handed out are garbage. Safe for use by several threads.
 */
public final class Checkpoint implements AutoCloseable {

  /** How the file is written. */
  public enum Format {
    /** {@code torch.save} since PyTorch 1.6. */
    PYTORCH_ZIP,
    /** {@code torch.save} before PyTorch 1.6. */
    PYTORCH_LEGACY,
    /** safetensors. */
    SAFETENSORS
  }

  private final Format format;
  private final Path path;
  private final Runnable closing;
  private final Object root;
  private final Map<String, Tensor> tensors;
  private final Map<String, String> metadata;

  Checkpoint(
      Format format,
      Path path,
      Runnable closing,
      Object root,
      Map<String, Tensor> tensors,
      Map<String, String> metadata) {
    this.format = format;
    this.path = path;
    this.closing = closing;
    this.root = root;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  /**
   * How the file is written, found from its content.
   *
   * @return the format
   */
  public Format format() {
    return format;
  }

  /**
   * Where the file is.
   *
   * @return the path it was opened by, or the name that was given to one in memory
   */
  public Path path() {
    return path;
  }

  /**
   * Every tensor that dictionaries and lists lead to, under each of its names: keys and indices
   * from the outermost inwards, joined with {@code /}. Not included are tensors within objects of
   * unknown classes, NumPy arrays, and tensors of types that {@link DType} lacks (complex,
   * quantised).
   *
   * @return an unmodifiable map in the order of the file
   */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /**
   * The {@code __metadata__} of a safetensors file.
   *
   * @return an unmodifiable map; empty if there is none
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * What the file holds as a whole, in plain unmodifiable values. Python's dictionaries are {@link
   * Map}s whose keys are texts, numbers and truth values as in the file (and {@code #} with its
   * index for a key of another kind); lists, tuples and sets are {@link java.util.List}s; integers
   * are {@link Long} or {@link java.math.BigInteger}, other numbers {@link Double}; bytes are
   * read-only {@link java.nio.ByteBuffer}s; None is null; tensors and NumPy arrays are {@link
   * Tensor}s; a device is its name; anything else is an {@link OpaqueObject}.
   *
   * <p>Objects that the file shares are shared here too, so walking the whole of a hostile file can
   * take for ever; {@link #tensors()} is safe from that.
   *
   * @return the outermost value; for safetensors the tensors by name
   */
  public Object root() {
    return root;
  }

  /** Closes the file; buffers that were handed out stay valid. */
  @Override
  public void close() {
    closing.run();
  }

  @Override
  public String toString() {
    return path + " (" + format + ", " + tensors.size() + " tensors)";
  }
}
