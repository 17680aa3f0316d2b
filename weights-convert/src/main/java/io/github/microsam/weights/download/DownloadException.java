package io.github.microsam.weights.download;

/**
 * A file cannot be had. The message says what was asked for, what came instead and what to do; it
 * needs no stack trace beside it.
 */
public class DownloadException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An error that a server's answer or a setting causes.
   *
   * @param message what was asked for, what came instead and what to do
   */
  public DownloadException(String message) {
    super(message);
  }

  /**
   * An error with another one behind it.
   *
   * @param message what was asked for, what came instead and what to do
   * @param cause the error behind it
   */
  public DownloadException(String message, Throwable cause) {
    super(message, cause);
  }
}
