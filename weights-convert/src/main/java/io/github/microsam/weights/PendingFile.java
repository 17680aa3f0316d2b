package io.github.microsam.weights;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that is written beside its target and appears there, whole, when it is committed; closed
 * without that, or abandoned by an exiting virtual machine, it vanishes.
 */
final class PendingFile implements Closeable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final Thread onExit;
  private boolean committed;

  private PendingFile(Path target, Path temporary) throws IOException {
    this.target = target;
    this.temporary = temporary;
    // Not a temporary file of the JDK's: those are readable by their owner only, whatever the
    // umask.
    channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.READ);
    onExit = new Thread(this::discard, "discard " + temporary.getFileName());
    try {
      Runtime.getRuntime().addShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The virtual machine is shutting down already, and another hook waits for this file: an
      // interrupted training saves its state so.
    }
  }

  /** Starts a file, or says why there cannot be one at this place. */
  static PendingFile create(Path target) throws IOException {
    Path resolved = resolve(target);
    Path folder = resolved.getParent();
    if (folder == null || Files.isDirectory(resolved)) {
      throw new CheckpointException(
          target + " is a folder; name a file in it, for instance " + target.resolve("model.pt"));
    }
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          Files.exists(folder)
              ? folder + " is not a folder, so " + target + " cannot be written"
              : "The folder " + folder + " does not exist; create it first");
    }
    if (Files.exists(resolved) && !Files.isRegularFile(resolved)) {
      throw new CheckpointException(target + " is not a regular file; name another target");
    }
    if (Files.exists(resolved) && !Files.isWritable(resolved)) {
      throw new CheckpointException(
          target + " is read-only; name another target or make it writable");
    }
    if (!Files.isWritable(folder)) {
      throw new CheckpointException(
          "The folder " + folder + " is read-only; name a target in another one");
    }
    String name = "." + resolved.getFileName() + "." + ThreadLocalRandom.current().nextInt(1 << 30);
    return new PendingFile(resolved, folder.resolve(name + ".part"));
  }

  /** Follows links, so that the file behind a link is replaced and not the link. */
  private static Path resolve(Path target) throws IOException {
    if (!Files.isSymbolicLink(target)) {
      return target.toAbsolutePath().normalize();
    }
    try {
      return target.toRealPath();
    } catch (IOException e) {
      throw new CheckpointException(
          target + " is a symbolic link that leads nowhere or in circles; remove it", e);
    }
  }

  FileChannel channel() {
    return channel;
  }

  /** Moves the file to its target, replacing what is there. */
  void commit() throws IOException {
    channel.close();
    try {
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
    committed = true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The virtual machine is shutting down: the hook, if any, finds nothing left to delete.
      assert !Files.exists(temporary) : temporary;
    }
  }

  private void discard() {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      System.getLogger(PendingFile.class.getName())
          .log(System.Logger.Level.WARNING, "Cannot remove the unfinished file " + temporary, e);
    }
  }
}
