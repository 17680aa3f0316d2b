package io.github.microsam.train.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Names in configurations: capitals, hyphens and underscores make no difference. */
final class Names {
  private Names() {}

  static String normalized(String name) {
    return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
  }

  static boolean same(String a, String b) {
    return normalized(a).equals(normalized(b));
  }

  /** How an enum's constant or a record's type is written: min-max, lora. */
  static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String written(Class<?> type) {
    return type.getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** "; did you mean x" if one is near, and otherwise nothing. */
  static String suggestion(String found, Collection<String> valid) {
    Optional<String> nearest =
        valid.stream().min((a, b) -> Integer.compare(distance(found, a), distance(found, b)));
    return nearest
        .filter(n -> distance(found, n) <= Math.max(2, n.length() / 2))
        .map(n -> "; did you mean " + n)
        .orElse("");
  }

  /** Levenshtein's. */
  private static int distance(String first, String second) {
    String a = normalized(first);
    String b = normalized(second);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
