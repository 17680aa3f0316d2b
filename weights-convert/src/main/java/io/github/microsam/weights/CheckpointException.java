package io.github.microsam.weights;

/**
 * A checkpoint cannot be read, understood or written. The message says what was found, what was
 * expected and what to do; it needs no stack trace beside it.
 */
public class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An error that the content of a file causes.
   *
   * @param message what was found, what was expected and what to do
   */
  public CheckpointException(String message) {
    super(message);
  }

  /**
   * An error with another one behind it.
   *
   * @param message what was found, what was expected and what to do
   * @param cause the error behind it
   */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
