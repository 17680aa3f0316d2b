package io.github.microsam.segment;

/** Is told how far a segmentation is. Called by the thread that segments. */
@FunctionalInterface
public interface SegmentationListener {
  /** Listens to nothing. */
  SegmentationListener SILENT = (done, total) -> {};

  /**
   * More is done. An exception that is thrown here ends the segmentation.
   *
   * @param done steps of the networks that are done, from 0
   * @param total number of steps
   */
  void progress(long done, long total);
}
