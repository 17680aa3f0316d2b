package io.github.microsam.cli;

/** A command cannot do what it was told. The message needs no stack trace beside it. */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CommandException(String message) {
    super(message);
  }

  CommandException(String message, Throwable cause) {
    super(message, cause);
  }
}
