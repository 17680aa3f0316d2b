package io.github.microsam.weights.download;

/**
 * Hears how a download goes. Called on the thread that downloads; an exception thrown here ends the
 * download, and what has arrived stays for the next one to continue.
 */
public interface DownloadListener {

  /** Hears nothing. */
  DownloadListener SILENT = new DownloadListener() {};

  /**
   * Bytes have arrived. Called for every few kilobytes, so anything slow should be done at times
   * only; {@code done} falls when a download has to start over.
   *
   * @param name what is being downloaded, as the request names it
   * @param done bytes that are on disk, those of earlier runs included
   * @param total bytes that the server announced, or -1 where it did not
   */
  default void transferred(String name, long done, long total) {}

  /**
   * Something worth a line: a retry, a new start, waiting for another process.
   *
   * @param name what is being downloaded
   * @param message one sentence
   */
  default void notice(String name, String message) {}
}
