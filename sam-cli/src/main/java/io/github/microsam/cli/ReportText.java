package io.github.microsam.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** A {@link CheckpointReport} for people. */
record ReportText(JsonObject report) {
  private static final int LONGEST_VALUE = 120;

  /** The whole report: the summary, an empty line, and one line a tensor. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(summary());
    lines.add("");
    tensors().forEach(tensor -> lines.add(tensor(tensor.getAsJsonObject())));
    return lines.stream().map(ReportText::printable).toList();
  }

  /** Facts with their names in front. */
  List<String> summary() {
    List<String> lines = new ArrayList<>();
    for (String name : new String[] {"file", "format", "layout", "type", "decoder", "problem"}) {
      if (!report.get(name).isJsonNull()) {
        lines.add(fact(name, report.get(name).getAsString()));
      }
    }
    if (report.get("config").isJsonObject()) {
      report
          .getAsJsonObject("config")
          .entrySet()
          .forEach(part -> lines.add(fact(part.getKey(), members(part.getValue()))));
    }
    if (report.get("adapter").isJsonObject()) {
      lines.add(fact("adapter", members(report.get("adapter"))));
    }
    report
        .getAsJsonObject("metadata")
        .entrySet()
        .forEach(entry -> lines.add(fact("metadata", entry.getKey() + " = " + shortened(entry))));
    lines.add(fact("tensors", totals()));
    return lines.stream().map(ReportText::printable).toList();
  }

  /** Names come from the file; they shall not steer the terminal. */
  private static String printable(String line) {
    return line.replaceAll("\\p{Cntrl}", "?");
  }

  private static String fact(String name, String value) {
    return String.format("%-13s %s", name, value);
  }

  private static String shortened(Map.Entry<String, JsonElement> entry) {
    String value = entry.getValue().getAsString();
    return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE) + "…";
  }

  private static String members(JsonElement object) {
    return object.getAsJsonObject().entrySet().stream()
        .map(member -> member.getKey() + " " + value(member.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String value(JsonElement value) {
    if (value.isJsonArray()) {
      return StreamSupport.stream(value.getAsJsonArray().spliterator(), false)
          .map(ReportText::value)
          .collect(Collectors.joining(" ", "[", "]"));
    }
    return value instanceof JsonPrimitive primitive ? primitive.getAsString() : value.toString();
  }

  private String totals() {
    Map<String, Integer> types = new TreeMap<>();
    tensors()
        .forEach(t -> types.merge(t.getAsJsonObject().get("dtype").getAsString(), 1, Integer::sum));
    String byType =
        types.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
    return String.format(
        "%d, %s%s",
        tensors().size(),
        ByteSize.of(report.get("tensorBytes").getAsLong()),
        byType.isEmpty() ? "" : " (" + byType + ")");
  }

  private JsonArray tensors() {
    return report.getAsJsonArray("tensors");
  }

  private String tensor(JsonObject tensor) {
    return String.format(
        "%-4s  %-22s %10s  %s",
        tensor.get("dtype").getAsString(),
        tensor.get("shape").toString().replace(",", ", "),
        ByteSize.of(tensor.get("bytes").getAsLong()),
        tensor.get("name").getAsString());
  }
}
