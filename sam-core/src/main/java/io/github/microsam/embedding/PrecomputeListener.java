package io.github.microsam.embedding;

/** Is told how far embeddings are. Called by the thread that computes them. */
@FunctionalInterface
public interface PrecomputeListener {
  /** Listens to nothing. */
  PrecomputeListener SILENT = (done, total) -> {};

  /**
   * More is done. An exception that is thrown here ends the computation; what is done stays in the
   * cache.
   *
   * @param done embeddings that are in the cache
   * @param total number of embeddings
   */
  void progress(long done, long total);
}
