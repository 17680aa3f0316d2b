package io.github.microsam.weights.pickle;

import java.util.List;

/** A Python list, tuple or set. Compared by identity. Not thread-safe. */
public final class PySequence {

  /** Which of Python's containers it was. */
  public enum Kind {
    /** list, deque, or any other that grows. */
    LIST,
    /** tuple or torch.Size. */
    TUPLE,
    /** set or frozenset; order is that of the file. */
    SET
  }

  private final Kind kind;
  private final List<Object> items;

  PySequence(Kind kind, List<Object> items) {
    this.kind = kind;
    this.items = items;
  }

  /**
   * Which of Python's containers it was.
   *
   * @return the kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * The content.
   *
   * @return the live list
   */
  public List<Object> items() {
    return items;
  }
}
