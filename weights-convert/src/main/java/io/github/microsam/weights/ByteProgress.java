package io.github.microsam.weights;

/** Is told how far an operation on a file has come. */
@FunctionalInterface
public interface ByteProgress {
  /** Tells nobody. */
  ByteProgress NONE = (done, total) -> {};

  /**
   * Called now and then, on the thread that does the work, with growing numbers.
   *
   * @param done bytes of tensors that are through
   * @param total bytes of tensors in all
   */
  void advanced(long done, long total);
}
