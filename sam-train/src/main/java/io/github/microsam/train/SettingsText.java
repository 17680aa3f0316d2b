package io.github.microsam.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings in words, which is how the state of a training keeps them: records as Java writes them,
 * {@code Name[key=value, key=value]}, are taken apart, so that what differs can be named.
 */
final class SettingsText {
  private static final Pattern RECORD = Pattern.compile("(\\w+)\\[(\\w+=.*)]", Pattern.DOTALL);

  private SettingsText() {}

  /**
   * The values of a text by their names, those of a record within it as {@code outer.inner}.
   *
   * @param name of the whole; empty for none
   * @param text a record, or anything else, which is one value
   */
  static Map<String, String> values(String name, String text) {
    Map<String, String> out = new LinkedHashMap<>();
    collect(name, text, out);
    return out;
  }

  private static void collect(String name, String text, Map<String, String> out) {
    Matcher record = RECORD.matcher(text);
    if (!record.matches()) {
      out.put(name, text);
      return;
    }
    out.put(name, record.group(1));
    for (String component : components(record.group(2))) {
      int equals = component.indexOf('=');
      String key = component.substring(0, equals);
      collect(name.isEmpty() ? key : name + "." + key, component.substring(equals + 1), out);
    }
  }

  /** What commas outside of all brackets separate. */
  private static List<String> components(String text) {
    List<String> out = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += "[{(".indexOf(c) >= 0 ? 1 : "]})".indexOf(c) >= 0 ? -1 : 0;
      if (c == ',' && depth == 0) {
        out.add(text.substring(start, i));
        start = i + 2;
      }
    }
    out.add(text.substring(start));
    return out;
  }

  /** A line for each value that both have and that is another one now. */
  static List<String> differences(Map<String, String> then, Map<String, String> now) {
    List<String> lines = new ArrayList<>();
    then.forEach(
        (name, value) -> {
          String other = now.getOrDefault(name, value);
          if (!other.equals(value)) {
            lines.add("%s was %s, is %s".formatted(name, value, other));
          }
        });
    return lines;
  }
}
