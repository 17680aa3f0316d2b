package io.github.microsam.embedding;

/**
 * A cache of embeddings does not fit what is asked of it, or is damaged. The message says what was
 * found, what was expected and what to do.
 */
public final class CacheException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An error.
   *
   * @param message what was found, what was expected and what to do
   */
  public CacheException(String message) {
    super(message);
  }

  /**
   * An error with another one behind it.
   *
   * @param message what was found, what was expected and what to do
   * @param cause the error behind it
   */
  public CacheException(String message, Throwable cause) {
    super(message, cause);
  }
}
