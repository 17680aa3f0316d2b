package io.github.microsam.engine;

/** A plan needs more memory than there is. Nothing has been allocated for it. */
public final class PlanTooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An exception.
   *
   * @param message what is needed, what there is, and what to do
   */
  public PlanTooLargeException(String message) {
    super(message);
  }
}
