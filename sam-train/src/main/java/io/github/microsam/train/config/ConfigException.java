package io.github.microsam.train.config;

import java.util.List;

/** A configuration that cannot be used; the message lists everything that is wrong with it. */
public final class ConfigException extends RuntimeException {

  /**
   * An error.
   *
   * @param source name of the configuration
   * @param problems one line each, at least one
   */
  public ConfigException(String source, List<String> problems) {
    super(
        source
            + " cannot be used:"
            + System.lineSeparator()
            + "  "
            + String.join(System.lineSeparator() + "  ", problems));
  }
}
