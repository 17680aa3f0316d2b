package io.github.microsam.segment;

/**
 * An image cannot be segmented as asked. The message says what was found, what was expected and
 * what to do; it needs no stack trace beside it.
 */
public class SegmentationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An error that the request causes.
   *
   * @param message what was found, what was expected and what to do
   */
  public SegmentationException(String message) {
    super(message);
  }
}
