package io.github.microsam.weights.download;

import java.time.Duration;
import java.util.Optional;

/** A request failed in a way that may be over soon. The message completes "…: ". */
final class TransientFailure extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Optional<Duration> retryAfter;

  TransientFailure(String message, Throwable cause) {
    super(message, cause);
    retryAfter = Optional.empty();
  }

  TransientFailure(String message, Optional<Duration> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** How long the server wants to be left alone, if it said so. */
  Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
