package io.github.microsam.zarr;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;

/** Files that others read and write at the same time: each is there whole or not at all. */
final class ChunkFiles {
  private ChunkFiles() {}

  static Optional<byte[]> read(Path path) {
    try {
      return Optional.of(Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read (" + e + ")", e);
    }
  }

  static void write(Path path, byte[] content) {
    Path temporary = temporary(path);
    try {
      Files.createDirectories(path.getParent());
      Files.write(temporary, content, StandardOpenOption.CREATE_NEW);
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      temporary.toFile().delete();
      throw new UncheckedIOException(
          path + " cannot be written (" + e + "): is the folder writable and the disk not full?",
          e);
    }
  }

  /** A name beside a file or folder that no thread or process uses. */
  static Path temporary(Path target) {
    return target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
  }
}
