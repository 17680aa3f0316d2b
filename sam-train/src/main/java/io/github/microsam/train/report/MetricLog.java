package io.github.microsam.train.report;

import io.github.microsam.io.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;

/**
 * A table of metrics in a CSV file, one row a step or epoch, that can be read while it grows: a row
 * is in the file as soon as it was added. Values that do not exist are empty fields, NaN here.
 *
 * <p>One thread adds rows.
 */
public final class MetricLog {
  private final Path file;
  private final List<String> columns;
  private final List<double[]> rows = new ArrayList<>();

  private MetricLog(Path file, List<String> columns) {
    this.file = file;
    this.columns = List.copyOf(columns);
  }

  /**
   * Begins a table; a file that exists is replaced.
   *
   * @param file where it is written
   * @param columns names without commas, of the step or epoch first
   * @return the empty table
   * @throws UncheckedIOException if the file cannot be written
   */
  public static MetricLog create(Path file, List<String> columns) {
    MetricLog log = new MetricLog(file, columns);
    log.rewrite();
    return log;
  }

  /**
   * Goes on with a table, for instance of a training that was interrupted; begins one if there is
   * no file.
   *
   * @param file where it is
   * @param columns as it was created with
   * @param kept which rows stay, by their first value: those that the resumed training will not
   *     write again
   * @return the table with these rows
   * @throws IllegalArgumentException if the file has other columns
   * @throws UncheckedIOException if the file cannot be read or written
   */
  public static MetricLog resume(Path file, List<String> columns, DoublePredicate kept) {
    if (!Files.exists(file)) {
      return create(file, columns);
    }
    MetricLog log = read(file);
    if (!log.columns.equals(columns)) {
      throw new IllegalArgumentException(
          "%s has the columns %s, expected %s: move it away to begin a new one"
              .formatted(file, log.columns, columns));
    }
    log.rows.removeIf(row -> !kept.test(row[0]));
    log.rewrite();
    return log;
  }

  /**
   * Reads a table.
   *
   * @param file of an existing table
   * @return the table
   * @throws IllegalArgumentException if a row has another number of values than there are columns,
   *     or a value is no number
   * @throws UncheckedIOException if the file cannot be read
   */
  public static MetricLog read(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      if (lines.isEmpty()) {
        throw new IllegalArgumentException(file + " is empty, expected a line of names");
      }
      MetricLog log = new MetricLog(file, List.of(lines.get(0).split(",", -1)));
      for (int i = 1; i < lines.size(); i++) {
        String[] values = lines.get(i).split(",", -1);
        if (values.length != log.columns.size()) {
          throw new IllegalArgumentException(
              "%s line %d has %d values, expected %d"
                  .formatted(file, i + 1, values.length, log.columns.size()));
        }
        log.rows.add(
            Arrays.stream(values)
                .mapToDouble(v -> v.isEmpty() ? Double.NaN : Double.parseDouble(v))
                .toArray());
      }
      return log;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + " (" + e + ")", e);
    }
  }

  /**
   * Adds a row.
   *
   * @param values one a column; NaN where there is none
   * @throws IllegalArgumentException if the number of values differs from that of the columns
   * @throws UncheckedIOException if the file cannot be written
   */
  public void add(double... values) {
    if (values.length != columns.size()) {
      throw new IllegalArgumentException(
          "%d values for the columns %s".formatted(values.length, columns));
    }
    rows.add(values.clone());
    try {
      Files.writeString(file, line(values), StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + " (" + e + ")", e);
    }
  }

  /**
   * The names of the columns.
   *
   * @return in their order
   */
  public List<String> columns() {
    return columns;
  }

  /**
   * The values of a column.
   *
   * @param name of the column
   * @return one a row, NaN where there is none
   * @throws IllegalArgumentException if there is no such column
   */
  public double[] values(String name) {
    int column = columns.indexOf(name);
    if (column < 0) {
      throw new IllegalArgumentException(
          "%s has no column %s; its columns are %s".formatted(file, name, columns));
    }
    return rows.stream().mapToDouble(row -> row[column]).toArray();
  }

  private void rewrite() {
    WholeFile.write(
        file,
        temporary -> {
          StringBuilder text = new StringBuilder(String.join(",", columns)).append('\n');
          rows.forEach(row -> text.append(line(row)));
          Files.writeString(temporary, text);
        });
  }

  private static String line(double[] values) {
    List<String> texts = new ArrayList<>();
    for (double v : values) {
      texts.add(
          Double.isNaN(v)
              ? ""
              : v == Math.rint(v) && Math.abs(v) < 1e15
                  ? String.format(Locale.ROOT, "%d", (long) v)
                  : Double.toString(v));
    }
    return String.join(",", texts) + "\n";
  }
}
