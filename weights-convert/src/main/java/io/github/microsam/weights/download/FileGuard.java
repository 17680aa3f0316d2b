package io.github.microsam.weights.download;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A lock on a file that excludes other processes and other threads of this one. The operating
 * system lets go of it when a process dies. The file itself stays: deleting it would let two
 * processes hold locks on two files of the same name.
 */
final class FileGuard implements AutoCloseable {
  /** A tenth of a second is short beside any download, and costs nothing. */
  private static final long POLL_MILLIS = 100;

  private final FileChannel channel;

  private FileGuard(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits until the lock is free, and takes it.
   *
   * @param file made if it is missing
   * @param onWait called once if somebody else holds the lock
   */
  static FileGuard acquire(Path file, Runnable onWait) throws IOException, InterruptedException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      for (boolean waiting = false; !tryLock(channel); waiting = true) {
        if (!waiting) {
          onWait.run();
        }
        Thread.sleep(POLL_MILLIS);
      }
      return new FileGuard(channel);
    } catch (IOException | InterruptedException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // Another thread of this process has it; a lock of the file system knows processes only.
      return false;
    }
  }

  /** Closing the channel releases the lock. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
