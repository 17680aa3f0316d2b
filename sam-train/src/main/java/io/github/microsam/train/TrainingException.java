package io.github.microsam.train;

/** Training cannot go on; the message says why and what to do. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An exception.
   *
   * @param message what was found, what was expected and what to do
   */
  public TrainingException(String message) {
    super(message);
  }
}
