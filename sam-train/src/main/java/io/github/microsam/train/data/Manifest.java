package io.github.microsam.train.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A table of tab-separated values that tells more about the images of a data set, for instance how
 * they were taken. Its first line names the columns; the first column is the name of the image
 * file. Immutable, may be shared by threads.
 */
public final class Manifest {
  private final Path path;
  private final List<String> columns;
  private final Map<String, List<String>> rows;

  private Manifest(Path path, List<String> columns, Map<String, List<String>> rows) {
    this.path = path;
    this.columns = columns;
    this.rows = rows;
  }

  /**
   * Reads a table.
   *
   * @param path of a text file in UTF-8
   * @return the table
   * @throws IllegalArgumentException if a row has more or fewer values than there are columns
   * @throws UncheckedIOException if the file cannot be read
   */
  public static Manifest read(Path path) {
    List<String> lines;
    try {
      lines = Files.readAllLines(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + " (" + e + ")", e);
    }
    if (lines.isEmpty()) {
      throw new IllegalArgumentException(path + " is empty; expected a line of column names");
    }
    List<String> columns = List.of(lines.get(0).split("\t", -1));
    Map<String, List<String>> rows = new HashMap<>();
    for (int i = 1; i < lines.size(); i++) {
      List<String> row = List.of(lines.get(i).split("\t", -1));
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "%s line %d has %d values, expected %d, separated by tabs: %s"
                .formatted(path, i + 1, row.size(), columns.size(), columns));
      }
      rows.put(row.get(0), row);
    }
    return new Manifest(path, columns, rows);
  }

  /**
   * A value of an image.
   *
   * @param file name of the image file
   * @param column name of the column
   * @return what the table has there
   * @throws IllegalArgumentException if there is no such row or column
   */
  public String value(String file, String column) {
    int index = columns.indexOf(column);
    if (index < 0) {
      throw new IllegalArgumentException(
          "%s has no column %s; its columns are %s".formatted(path, column, columns));
    }
    List<String> row = rows.get(file);
    if (row == null) {
      throw new IllegalArgumentException(path + " has no row for " + file);
    }
    return row.get(index);
  }
}
