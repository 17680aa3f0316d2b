package io.github.microsam.weights.pickle;

/** A pickle is malformed, truncated, or demands more than it may. */
public final class PickleException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * An error at some place of a pickle.
   *
   * @param message what was found and what was expected
   */
  public PickleException(String message) {
    super(message);
  }
}
