package io.github.microsam.weights;

import io.github.microsam.weights.Checkpoint.Format;
import io.github.microsam.weights.pickle.HeapBudget;
import io.github.microsam.weights.pickle.PickleException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;

/**
 * Opens checkpoint files of any supported format, which is found by content and not by name.
 *
 * <p>Opening reads the directory and the pickled objects, and nothing of the tensors. Nothing in a
 * file can make code run, and what opening may take of heap and time is bounded by the size of the
 * directory and the pickle. Safe for use by several threads.
 */
public final class CheckpointReader {
  /** No format has anything to say in less. */
  private static final int SHORTEST = 10;

  private static final int LONGEST_MAGIC = 9;

  private CheckpointReader() {}

  /**
   * Opens a file.
   *
   * @param path the file
   * @return its content; to be closed
   * @throws CheckpointException if the file cannot be read, is truncated or malformed, or is of
   *     none of the formats; the message names the file
   */
  public static Checkpoint open(Path path) {
    try {
      requireFile(path);
      MappedFile file = new MappedFile(path);
      try {
        Checkpoint checkpoint = open(path, file);
        file.map();
        return checkpoint;
      } catch (Throwable e) {
        file.close();
        throw e;
      }
    } catch (CheckpointException | PickleException e) {
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException(path + ": it cannot be read: " + e, e);
    }
  }

  /**
   * Reads a safetensors file that is in memory, for instance from a jar.
   *
   * @param name what the file is called in messages
   * @param bytes the file, from the buffer's position on; must not change while tensors are read
   * @return its content; closing it does nothing
   * @throws CheckpointException if that is no safetensors file, or a malformed one
   */
  public static Checkpoint read(Path name, ByteBuffer bytes) {
    ByteRegion region = ByteRegion.of(bytes);
    try {
      if (region.size() < SHORTEST || region.read(Safetensors.LENGTH_SIZE, 1)[0] != '{') {
        throw new CheckpointException("it is no safetensors file, which alone is read from memory");
      }
      Safetensors content = Safetensors.read(region, HeapBudget.ofThisMachine());
      Map<String, Tensor> tensors = content.tensors();
      return new Checkpoint(
          Format.SAFETENSORS, name, () -> {}, tensors, tensors, content.metadata());
    } catch (CheckpointException | PickleException e) {
      throw new CheckpointException(name + ": " + e.getMessage(), e);
    }
  }

  private static void requireFile(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        throw new CheckpointException("it is a directory; name a file");
      }
      if (!attributes.isRegularFile()) {
        throw new CheckpointException("it is not a regular file");
      }
    } catch (NoSuchFileException e) {
      throw new CheckpointException(
          Files.isSymbolicLink(path)
              ? "it is a link to a file that does not exist"
              : "there is no such file",
          e);
    } catch (FileSystemException e) {
      throw new CheckpointException("it cannot be read: " + e.getReason(), e);
    } catch (IOException e) {
      throw new CheckpointException("it cannot be read: " + e, e);
    }
  }

  private static Checkpoint open(Path path, MappedFile file) {
    HeapBudget budget = HeapBudget.ofThisMachine();
    Format format = format(file);
    if (format == Format.SAFETENSORS) {
      Safetensors content = Safetensors.read(file, budget);
      Map<String, Tensor> tensors = content.tensors();
      return new Checkpoint(format, path, file::close, tensors, tensors, content.metadata());
    }
    PickledTree content =
        format == Format.PYTORCH_ZIP
            ? PytorchZip.read(file, budget)
            : PytorchLegacy.read(file, budget);
    return new Checkpoint(format, path, file::close, content.root(), content.tensors(), Map.of());
  }

  private static Format format(MappedFile file) {
    if (file.size() < SHORTEST) {
      throw new CheckpointException(
          file.size() == 0
              ? "the file is empty"
              : "the file is truncated: it has only " + file.size() + " bytes");
    }
    String start = new String(file.read(0, LONGEST_MAGIC), StandardCharsets.ISO_8859_1);
    if (start.charAt(Safetensors.LENGTH_SIZE) == '{') {
      return Format.SAFETENSORS;
    }
    if (start.startsWith("PK\3\4")) {
      return Format.PYTORCH_ZIP;
    }
    if (start.charAt(0) == '\u0080') {
      return Format.PYTORCH_LEGACY;
    }
    throw new CheckpointException("it is neither a PyTorch file nor safetensors" + whatElse(start));
  }

  private static String whatElse(String start) {
    if (start.startsWith("version h")) {
      return ", but a Git LFS pointer; fetch the file itself with git lfs pull";
    }
    if (start.startsWith("<")) {
      return ", but a web page; the download has gone wrong";
    }
    if (start.startsWith("\u0089HDF")) {
      return ", but HDF5; convert it where it was made";
    }
    if (start.startsWith("\u001f\u008b")) {
      return ", but compressed with gzip; decompress it first";
    }
    return "";
  }
}
