package io.github.microsam.weights.pickle;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A Python dictionary, whether plain, ordered or with a default. Numbers, texts and truth values
 * are equal as keys as they are in Java; other keys are compared by identity, so that no file can
 * choose what its hashing costs. Not thread-safe.
 */
public final class PyDict {
  private final Map<Object, Object> items = new LinkedHashMap<>();

  PyDict() {}

  /**
   * The content in insertion order.
   *
   * @return the live map
   */
  public Map<Object, Object> items() {
    return items;
  }
}
