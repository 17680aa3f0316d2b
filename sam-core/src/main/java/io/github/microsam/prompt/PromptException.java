package io.github.microsam.prompt;

/**
 * A prompt, or an embedding, cannot be used. The message says what was found, what was expected and
 * what to do.
 */
public class PromptException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /**
   * An error.
   *
   * @param message what was found, what was expected and what to do
   */
  public PromptException(String message) {
    super(message);
  }
}
