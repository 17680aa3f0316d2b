package io.github.microsam.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * JMH's results as tables in Markdown: medians, and what they are to ONNX Runtime's of the same
 * run. On top stands what the run was made on.
 */
public final class Table {
  private static final String BASE = "onnxruntime";
  private static final String OURS = "microsam";
  private static final String RUNTIME = "runtime";
  private static final String GROWTH = "PredictionMemory";
  private static final double MANY_MILLISECONDS = 100;

  private record Row(String benchmark, String method, Map<String, String> parameters) {}

  private record Cell(double milliseconds, Optional<Double> peak, Optional<Double> growth) {}

  private final Set<String> surroundings = new LinkedHashSet<>();
  private final Set<String> runtimes = new LinkedHashSet<>();
  private final Map<Row, Map<String, Cell>> rows = new LinkedHashMap<>();

  private Table() {}

  /**
   * Prints the tables of result files.
   *
   * @param args names of files in JMH's JSON
   * @throws IOException if one cannot be read
   */
  public static void main(String[] args) throws IOException {
    if (args.length == 0) {
      System.err.println("Which results? Give one or more files of JMH, in JSON.");
      System.exit(2);
    }
    for (String file : args) {
      System.out.print(of(Path.of(file)));
    }
  }

  /**
   * The tables of a result file.
   *
   * @param file JMH's JSON
   * @return Markdown
   * @throws IOException if it cannot be read
   */
  static String of(Path file) throws IOException {
    Table table = new Table();
    try (Reader reader = Files.newBufferedReader(file)) {
      JsonParser.parseReader(reader)
          .getAsJsonArray()
          .forEach(result -> table.add(result.getAsJsonObject()));
    }
    return table.markdown();
  }

  private void add(JsonObject result) {
    String name = result.get("benchmark").getAsString();
    String[] path = name.split("\\.", -1);
    Map<String, String> parameters = new LinkedHashMap<>();
    if (result.has("params")) {
      result
          .getAsJsonObject("params")
          .entrySet()
          .forEach(e -> parameters.put(e.getKey(), e.getValue().getAsString()));
    }
    String runtime = parameters.containsKey(RUNTIME) ? parameters.remove(RUNTIME) : OURS;
    runtimes.add(runtime);
    String benchmark = path[path.length - 2].replaceFirst("Benchmark$", "");
    Row row = new Row(benchmark, path[path.length - 1], parameters);
    JsonObject secondary = result.getAsJsonObject("secondaryMetrics");
    rows.computeIfAbsent(row, r -> new LinkedHashMap<>())
        .put(
            runtime,
            new Cell(
                median(result.getAsJsonObject("primaryMetric")),
                score(secondary, MemoryProfiler.PEAK),
                score(secondary, MemoryProfiler.GROWTH)));
    for (JsonElement argument : result.getAsJsonArray("jvmArgs")) {
      String key = "-D" + Main.SURROUNDINGS + "=";
      if (argument.getAsString().startsWith(key)) {
        surroundings.add(argument.getAsString().substring(key.length()));
      }
    }
  }

  private static double median(JsonObject metric) {
    List<Double> values = new ArrayList<>();
    for (JsonElement fork : metric.getAsJsonArray("rawData")) {
      JsonArray iterations = fork.getAsJsonArray();
      iterations.forEach(v -> values.add(v.getAsDouble()));
    }
    Collections.sort(values);
    int half = values.size() / 2;
    return values.size() % 2 == 1
        ? values.get(half)
        : (values.get(half - 1) + values.get(half)) / 2;
  }

  private static Optional<Double> score(JsonObject metrics, String name) {
    // JMH marks profilers' results with a character before their names.
    return metrics.entrySet().stream()
        .filter(e -> e.getKey().endsWith(name))
        .map(e -> e.getValue().getAsJsonObject().get("score").getAsDouble())
        .findFirst();
  }

  private String markdown() {
    StringBuilder text = new StringBuilder();
    surroundings.forEach(
        line -> {
          for (String part : line.split(";", -1)) {
            text.append("- ").append(part.trim()).append('\n');
          }
        });
    String times = "ms (ratio to " + BASE + ")";
    text.append(table("median time, " + times, row -> !isGrowth(row), this::time));
    text.append(table("peak memory, MB", row -> !isGrowth(row), row -> c -> whole(c.peak)));
    text.append(table("memory growth, MB", Table::isGrowth, row -> c -> tenths(c.growth)));
    return text.toString();
  }

  /** Elsewhere the heap of Java may grow and shrink between two iterations. */
  private static boolean isGrowth(Row row) {
    return row.benchmark.equals(GROWTH);
  }

  private Function<Cell, String> time(Map<String, Cell> row) {
    return cell -> {
      double ms = cell.milliseconds;
      String text = String.format(Locale.ROOT, ms < MANY_MILLISECONDS ? "%.1f" : "%.0f", ms);
      Cell base = row.get(BASE);
      return base == null
          ? text
          : text + String.format(Locale.ROOT, " (%.2f)", ms / base.milliseconds);
    };
  }

  private static String whole(Optional<Double> value) {
    return value.map(v -> String.format(Locale.ROOT, "%.0f", v)).orElse("");
  }

  private static String tenths(Optional<Double> value) {
    return value.map(v -> String.format(Locale.ROOT, "%.1f", v)).orElse("");
  }

  private String table(
      String title,
      Predicate<Row> included,
      Function<Map<String, Cell>, Function<Cell, String>> content) {
    List<Row> shown = rows.keySet().stream().filter(included).toList();
    List<String> columns =
        runtimes.stream()
            .filter(r -> shown.stream().anyMatch(row -> rows.get(row).containsKey(r)))
            .toList();
    if (columns.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("\n| " + title + " |");
    columns.forEach(r -> text.append(' ').append(r).append(" |"));
    text.append("\n|---|").append("---:|".repeat(columns.size())).append('\n');
    for (Row row : shown) {
      text.append("| ").append(name(row)).append(" |");
      Function<Cell, String> format = content.apply(rows.get(row));
      for (String column : columns) {
        Cell cell = rows.get(row).get(column);
        text.append(' ').append(cell == null ? "" : format.apply(cell)).append(" |");
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** A benchmark's methods are told apart where it has several. */
  private String name(Row row) {
    StringBuilder name = new StringBuilder(row.benchmark);
    if (rows.keySet().stream()
        .anyMatch(r -> r.benchmark.equals(row.benchmark) && !r.method.equals(row.method))) {
      name.append('.').append(row.method);
    }
    row.parameters.forEach(
        (key, value) -> name.append(", ").append(key.equals("model") ? value : key + " " + value));
    return name.toString();
  }
}
