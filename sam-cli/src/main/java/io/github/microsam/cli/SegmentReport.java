package io.github.microsam.cli;

import io.github.microsam.segment.SegmentationListener;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;

/** What a person sees of a run: progress, a line for each image, and a summary. */
final class SegmentReport implements SegmentationListener {
  /** Progress within an image is shown in thousandths. */
  private static final long PARTS = 1000;

  private final PrintWriter out;
  private final PrintWriter err;
  private final ProgressLine line;
  private final boolean quiet;
  private final boolean verbose;
  private final List<RuntimeException> failures = new ArrayList<>();
  private int images;
  private int finished;
  private int done;
  private int skipped;
  private long objects;
  private String label = "";

  SegmentReport(CommandLine commandLine, Host host, boolean quiet, boolean verbose) {
    this.out = commandLine.getOut();
    this.err = commandLine.getErr();
    this.quiet = quiet;
    this.verbose = verbose;
    line = new ProgressLine(err, host.terminal(), ProgressLine.Unit.STEPS);
  }

  void begin(int count) {
    images = count;
    label = count == 1 ? "segmenting" : count + " images";
    if (!quiet) {
      line.show(label, 0, count * PARTS);
    }
  }

  @Override
  public synchronized void progress(long steps, long total) {
    if (!quiet && total > 0) {
      line.show(label, finished * PARTS + PARTS * steps / total, images * PARTS);
    }
  }

  synchronized void skipped(Path image) {
    skipped++;
    say(image + ": skipped, its results exist (--overwrite replaces them)");
  }

  /** What is kept beside a cache is of something else. */
  synchronized void unusedState(String why) {
    if (!quiet) {
      line.clear();
      err.println("Computing anew what is kept in " + why + ".");
      err.flush();
    }
  }

  /**
   * An image is segmented.
   *
   * @param kept files that existed before and are as they were
   */
  synchronized void done(Path image, int count, long nanos, List<Path> written, List<Path> kept) {
    finished++;
    done++;
    objects += count;
    String text =
        String.format(
            Locale.ROOT,
            "%s: %s in %.1f s: %s",
            image,
            count == 1 ? "1 object" : count + " objects",
            nanos / 1e9,
            names(written));
    say(
        kept.isEmpty()
            ? text
            : text
                + "; kept as before, perhaps with other objects: "
                + names(kept)
                + " (--overwrite replaces)");
  }

  private static String names(List<Path> files) {
    return files.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  synchronized void failed(Path image, RuntimeException error) {
    finished++;
    String message = ErrorLines.message(error);
    String named = message.startsWith(image.toString()) ? message : image + ": " + message;
    boolean explained = ErrorLines.explainsItself(error);
    failures.add(explained ? new CommandException(named, error) : error);
    if (images == 1 && skipped == 0) {
      return; // it is the command's own error
    }
    line.clear();
    err.println(named);
    if (verbose || !explained) {
      error.printStackTrace(err);
    }
    err.flush();
  }

  /** The program is told to end. */
  synchronized void interrupted() {
    line.clear();
    err.println(
        "Stopped: " + done + " of " + images + " images segmented, whose results are whole.");
    err.flush();
  }

  synchronized void end() {
    line.end();
  }

  /** The exit code; says what was done if it was more than one image. */
  int summary(int all) {
    if (failures.size() == 1 && all == 1) {
      throw failures.get(0);
    }
    if (all > 1) {
      say(
          "%d of %d images segmented, %d skipped, %d failed; %d objects."
              .formatted(done, all, skipped, failures.size(), objects));
    }
    return failures.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private void say(String text) {
    if (!quiet) {
      line.clear();
      out.println(text);
      out.flush();
    }
  }
}
