package io.github.microsam.zarr;

/**
 * A Zarr array or group cannot be read or written. The message says what was found and what was
 * expected.
 */
public final class ZarrException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An error in the content.
   *
   * @param message what was found and what was expected
   */
  public ZarrException(String message) {
    super(message);
  }

  /**
   * An error with another one behind it.
   *
   * @param message what was found and what was expected
   * @param cause the error behind it
   */
  public ZarrException(String message, Throwable cause) {
    super(message, cause);
  }
}
