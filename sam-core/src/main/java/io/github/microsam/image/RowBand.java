package io.github.microsam.image;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.imglib2.parallel.Parallelization;
import net.imglib2.parallel.TaskExecutor;

/**
 * Rows of an image that one task works on.
 *
 * @param channel which channel
 * @param from the first row
 * @param to the row after the last one
 */
record RowBand(int channel, int from, int to) {
  private static final int ROWS_WORTH_A_TASK = 16;

  /** Runs a task on every band of every channel, on as many threads as ImgLib2 is given. */
  static void forEach(int channels, int height, Consumer<RowBand> task) {
    TaskExecutor executor = Parallelization.getTaskExecutor();
    int bands = Math.max(1, Math.min(executor.suggestNumberOfTasks(), height / ROWS_WORTH_A_TASK));
    List<RowBand> all = new ArrayList<>();
    for (int c = 0; c < channels; c++) {
      for (int b = 0; b < bands; b++) {
        int from = (int) ((long) b * height / bands);
        int to = (int) ((long) (b + 1) * height / bands);
        all.add(new RowBand(c, from, to));
      }
    }
    executor.forEach(all, task);
  }
}
