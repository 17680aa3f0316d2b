package io.github.microsam.cli;

import io.github.microsam.train.TrainingListener;
import io.github.microsam.train.report.CurvePlot;
import io.github.microsam.train.report.MetricLog;
import io.github.microsam.train.step.StepLoss;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;

/** Shows how a training goes, and writes its tables and curves beside the model. */
final class TrainProgress implements TrainingListener {
  private static final long REDRAW_NANOS = 200_000_000;
  private static final List<String> STEP_COLUMNS =
      List.of("batch", "loss", "mask", "iou", "true_iou", "maps", "classes", "rate", "norm");
  private static final List<String> EPOCH_COLUMNS =
      List.of(
          "epoch",
          "batch",
          "training",
          "validation",
          "mask",
          "iou",
          "true_iou",
          "maps",
          "classes",
          "metric");

  private final PrintWriter err;
  private final boolean terminal;
  private final boolean quiet;
  private final int batches;
  private final Runnable picture;
  private final Path curves;
  private final MetricLog steps;
  private final MetricLog epochs;
  private long firstBatch = -1;
  private long firstTime;
  private long drawn;
  private int length;

  /**
   * Begins, or goes on with, the tables.
   *
   * @param output the model's file, whose name the others' begin with
   * @param batches of an epoch
   * @param done batches that are done; rows beyond them are dropped
   * @param picture draws a validation image, after every epoch
   */
  TrainProgress(
      PrintWriter err,
      boolean terminal,
      boolean quiet,
      Path output,
      int batches,
      long done,
      Runnable picture) {
    this.err = err;
    this.terminal = terminal;
    this.quiet = quiet;
    this.batches = batches;
    this.picture = picture;
    curves = beside(output, "curves.png");
    steps = log(output, "steps.csv", STEP_COLUMNS, batch -> batch <= done);
    epochs = log(output, "epochs.csv", EPOCH_COLUMNS, epoch -> epoch * batches <= done);
  }

  private static MetricLog log(
      Path output, String ending, List<String> columns, DoublePredicate kept) {
    try {
      return MetricLog.resume(beside(output, ending), columns, kept);
    } catch (IllegalArgumentException e) { // not a table of this training
      throw new CommandException(e.getMessage());
    }
  }

  /** A file beside the model: {@code cells.safetensors} and {@code cells.steps.csv}. */
  static Path beside(Path output, String ending) {
    String name = output.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return output.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + "." + ending);
  }

  @Override
  public void step(StepReport r) {
    StepLoss loss = r.loss();
    steps.add(
        (double) r.iteration(),
        loss.total(),
        loss.prompts().mask(),
        loss.prompts().iou(),
        loss.prompts().meanIou(),
        loss.maps(),
        loss.classes(),
        r.learningRate(),
        r.gradientNorm());
    long now = System.nanoTime();
    if (firstBatch < 0) {
      firstBatch = r.iteration();
      firstTime = now;
    }
    if (!quiet && terminal && now - drawn > REDRAW_NANOS) {
      drawn = now;
      draw(
          String.format(
              Locale.ROOT,
              "epoch %d, batch %d of %d, loss %.4f%s",
              r.epoch() + 1,
              (r.iteration() - 1) % batches + 1,
              batches,
              loss.total(),
              left(r.iteration(), r.total(), now)));
    }
  }

  private String left(long done, long total, long now) {
    if (done == firstBatch) {
      return "";
    }
    double perBatch = (now - firstTime) / 1e9 / (done - firstBatch);
    long seconds = Math.round(perBatch * (total - done));
    return String.format(
        Locale.ROOT,
        ", %.1f s a batch, %d:%02d:%02d left",
        perBatch,
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60);
  }

  @Override
  public void validated(EpochReport r) {
    StepLoss v = r.validation();
    epochs.add(
        r.epoch() + 1,
        (double) r.iteration(),
        r.training().total(),
        v.total(),
        v.prompts().mask(),
        v.prompts().iou(),
        v.prompts().meanIou(),
        v.maps(),
        v.classes(),
        r.metric());
    CurvePlot.of(epochs, "Training", "loss", List.of("training", "validation", "metric"))
        .write(curves);
    picture.run();
    if (!quiet) {
      draw("");
      err.printf(
          Locale.ROOT,
          "epoch %d: loss %.4f, validation %.4f, metric %.4f%s%n",
          r.epoch() + 1,
          r.training().total(),
          v.total(),
          r.metric(),
          r.best() ? ", the best so far: saved" : "");
      err.flush();
    }
  }

  private void draw(String line) {
    err.print(
        "\r"
            + line
            + " ".repeat(Math.max(0, length - line.length()))
            + (line.isEmpty() ? "\r" : ""));
    err.flush();
    length = line.length();
  }
}
