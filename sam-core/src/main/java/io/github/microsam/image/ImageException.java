package io.github.microsam.image;

/**
 * An image cannot be used, read or written. The message says what was found, what was expected and
 * what to do; it needs no stack trace beside it.
 */
public class ImageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An error that the image causes.
   *
   * @param message what was found, what was expected and what to do
   */
  public ImageException(String message) {
    super(message);
  }

  /**
   * An error with another one behind it.
   *
   * @param message what was found, what was expected and what to do
   * @param cause the error behind it
   */
  public ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
