package io.github.microsam.train.data;

import java.util.List;

/** Training data that cannot be used; the message lists everything that is wrong with them. */
public final class DatasetException extends RuntimeException {
  private final transient List<String> problems;

  /**
   * An error.
   *
   * @param where which data
   * @param problems one line each, at least one
   */
  public DatasetException(String where, List<String> problems) {
    super(
        "%s: %d problem%s found.%n  %s"
            .formatted(
                where,
                problems.size(),
                problems.size() == 1 ? "" : "s",
                String.join(System.lineSeparator() + "  ", problems)));
    this.problems = List.copyOf(problems);
  }

  /**
   * What is wrong.
   *
   * @return one line each
   */
  public List<String> problems() {
    return problems;
  }
}
