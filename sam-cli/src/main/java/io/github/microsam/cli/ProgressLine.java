package io.github.microsam.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How far something is: on a terminal one line that redraws itself, elsewhere a line every ten per
 * cent, or every 100 MB where the end is not known, but not more than one a second. Not safe for
 * use by several threads.
 */
final class ProgressLine {
  private static final int WIDTH = 30;
  private static final long REDRAW_NANOS = 100_000_000;
  private static final long LINE_NANOS = 1_000_000_000;
  private static final long UNKNOWN_STEP = 100_000_000;

  /** What is counted. */
  enum Unit {
    /** Shown with their rate. */
    BYTES,
    /** Only the share that is done means something. */
    STEPS
  }

  private final PrintWriter out;
  private final boolean terminal;
  private final Unit unit;
  private final LongSupplier nanoTime;

  private String label = "";
  private long firstBytes;
  private long firstTime;
  private long drawnTime;
  private long step;
  private int drawnLength;

  ProgressLine(PrintWriter out, boolean terminal) {
    this(out, terminal, Unit.BYTES);
  }

  ProgressLine(PrintWriter out, boolean terminal, Unit unit) {
    this(out, terminal, unit, System::nanoTime);
  }

  ProgressLine(PrintWriter out, boolean terminal, Unit unit, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.unit = unit;
    this.nanoTime = nanoTime;
  }

  /**
   * Shows progress where it is time to.
   *
   * @param total -1 if not known
   */
  void show(String what, long done, long total) {
    long now = nanoTime.getAsLong();
    if (!what.equals(label)) {
      clear();
      label = what;
      firstBytes = done;
      firstTime = now;
      drawnTime = terminal ? now - REDRAW_NANOS : now;
      step = stepOf(done, total);
    }
    if (terminal) {
      boolean end = done == total;
      if (now - drawnTime >= REDRAW_NANOS || end) {
        draw(bar(done, total, now));
        drawnTime = now;
      }
    } else if (stepOf(done, total) > step && now - drawnTime >= LINE_NANOS) {
      step = stepOf(done, total);
      drawnTime = now;
      out.println(label + ": " + amount(done, total));
      out.flush();
    }
  }

  /** A line of its own, above the progress. */
  void println(String line) {
    clear();
    out.println(line);
    out.flush();
  }

  /** Ends the line, so that others can write. */
  void end() {
    clear();
    label = "";
  }

  private static long stepOf(long done, long total) {
    return total > 0 ? 10 * done / total : done / UNKNOWN_STEP;
  }

  private String bar(long done, long total, long now) {
    double seconds = (now - firstTime) / 1e9;
    double rate = seconds > 0.5 ? (done - firstBytes) / seconds : 0;
    StringBuilder line = new StringBuilder(label).append(' ');
    if (total > 0) {
      int filled = (int) (WIDTH * Math.min(done, total) / total);
      line.append('[').append("=".repeat(filled)).append(" ".repeat(WIDTH - filled)).append("] ");
    }
    line.append(amount(done, total));
    if (rate > 0) {
      if (unit == Unit.BYTES) {
        line.append(", ").append(ByteSize.of((long) rate)).append("/s");
      }
      if (total > done) {
        line.append(", ").append(clock((long) Math.ceil((total - done) / rate))).append(" left");
      }
    }
    return line.toString();
  }

  private String amount(long done, long total) {
    if (unit == Unit.STEPS) {
      return String.format(Locale.ROOT, "%3d %%", total > 0 ? 100 * done / total : 0);
    }
    return total > 0
        ? String.format(
            Locale.ROOT,
            "%3d %%, %s of %s",
            100 * done / total,
            ByteSize.of(done),
            ByteSize.of(total))
        : ByteSize.of(done);
  }

  private static String clock(long seconds) {
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(Locale.ROOT, "%d:%02d h", seconds / 3600, seconds / 60 % 60);
  }

  private void draw(String line) {
    out.print("\r" + line + " ".repeat(Math.max(0, drawnLength - line.length())));
    out.flush();
    drawnLength = line.length();
  }

  /** Takes the line away, so that others can write; the next progress draws it again. */
  void clear() {
    if (drawnLength > 0) {
      out.print("\r" + " ".repeat(drawnLength) + "\r");
      out.flush();
      drawnLength = 0;
    }
  }
}
