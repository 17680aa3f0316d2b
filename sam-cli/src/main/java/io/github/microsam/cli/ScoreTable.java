package io.github.microsam.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Scores of several images, and their mean, in which every image counts the same.
 *
 * @param scores by image
 */
record ScoreTable(List<Scores> scores) {
  private static final String MEAN = "mean";

  /** For people. */
  List<String> lines() {
    int width = Math.max("image".length(), MEAN.length());
    for (Scores one : scores) {
      width = Math.max(width, one.name().length());
    }
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder(String.format("%-" + width + "s", "image"));
    Scores.NAMES.forEach(name -> head.append(String.format("%11s", name)));
    lines.add(head + String.format("%11s%8s", "predicted", "true"));
    for (Scores one : scores) {
      lines.add(
          line(width, one.name(), one.values())
              + String.format("%11d%8d", one.predicted(), one.truth()));
    }
    if (scores.size() > 1) {
      lines.add(line(width, MEAN, means()));
    }
    return lines;
  }

  private static String line(int width, String name, List<Double> values) {
    StringBuilder line = new StringBuilder(String.format("%-" + width + "s", name));
    values.forEach(value -> line.append(String.format(Locale.ROOT, "%11.4f", value)));
    return line.toString();
  }

  /** For programs. */
  List<String> csv() {
    List<String> lines = new ArrayList<>();
    lines.add("image," + String.join(",", Scores.NAMES) + ",predicted,true");
    for (Scores one : scores) {
      lines.add(
          quoted(one.name()) + cells(one.values()) + "," + one.predicted() + "," + one.truth());
    }
    if (!scores.isEmpty()) {
      lines.add(MEAN + cells(means()) + ",,");
    }
    return lines;
  }

  private static String cells(List<Double> values) {
    StringBuilder cells = new StringBuilder();
    values.forEach(value -> cells.append(',').append(value));
    return cells.toString();
  }

  private static String quoted(String name) {
    return name.matches("[^\",\\n]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
  }

  private List<Double> means() {
    List<Double> means = new ArrayList<>();
    for (int i = 0; i < Scores.NAMES.size(); i++) {
      int score = i;
      means.add(scores.stream().mapToDouble(one -> one.values().get(score)).average().orElse(0));
    }
    return means;
  }
}
