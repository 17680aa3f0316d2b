package io.github.microsam.label;

import java.util.ArrayList;
import java.util.List;
import net.imglib2.parallel.Parallelization;
import net.imglib2.parallel.TaskExecutor;

/** Splits a loop over the threads that ImgLib2's {@link Parallelization} grants the caller. */
final class Chunks {
  private Chunks() {}

  /** The body of a loop over {@code from ≤ i < to}. */
  @FunctionalInterface
  interface Range {
    void run(int from, int to);
  }

  /**
   * Runs a loop over {@code 0 ≤ i < count} in pieces.
   *
   * @param grain a piece has at least this many iterations, so that small loops stay on one thread
   */
  static void forEach(int count, int grain, Range body) {
    TaskExecutor executor = Parallelization.getTaskExecutor();
    int pieces = Math.min(executor.suggestNumberOfTasks(), count / Math.max(1, grain));
    if (pieces <= 1) {
      if (count > 0) {
        body.run(0, count);
      }
      return;
    }
    List<Runnable> tasks = new ArrayList<>(pieces);
    for (int i = 0; i < pieces; i++) {
      int from = (int) ((long) count * i / pieces);
      int to = (int) ((long) count * (i + 1) / pieces);
      tasks.add(() -> body.run(from, to));
    }
    executor.runAll(tasks);
  }

  /** The same over the lines of an image, in pieces of at least 32 k pixels. */
  static void forEachRow(Grid grid, Range body) {
    forEach(grid.rows(), 1 + (1 << 15) / Math.max(1, grid.width()), body);
  }
}
