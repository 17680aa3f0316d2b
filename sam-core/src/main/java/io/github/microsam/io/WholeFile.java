package io.github.microsam.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes a file beside its target and moves it into place, so that the target is the old file or
 * the whole new one, and nothing is left behind where writing fails. May be used by several threads
 * and processes at once; the last one wins.
 */
public final class WholeFile {
  private WholeFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes all of the content.
     *
     * @param temporary an empty file in the target's folder, to be written to and closed
     * @throws IOException if it cannot be written
     */
    void writeTo(Path temporary) throws IOException;
  }

  /**
   * Makes a file or replaces one. Folders that are missing are made.
   *
   * @param target where the file is to be
   * @param content writes it
   * @throws UncheckedIOException if it cannot be written or moved; the target is then untouched
   */
  public static void write(Path target, Content content) {
    Path absolute = target.toAbsolutePath();
    Path folder = absolute.getParent();
    Path temporary = null;
    try {
      Files.createDirectories(folder);
      temporary = folder.resolve("." + absolute.getFileName() + "." + System.nanoTime() + ".part");
      Files.createFile(temporary);
      content.writeTo(temporary);
      move(temporary, absolute);
    } catch (IOException e) {
      throw new UncheckedIOException(
          target + " cannot be written (" + e + "): is the folder writable and the disk not full?",
          e);
    } finally {
      deleteIfLeft(temporary);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void deleteIfLeft(Path temporary) {
    if (temporary == null) {
      return;
    }
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw new UncheckedIOException(
          temporary + " is left over and cannot be deleted (" + e + ")", e);
    }
  }
}
