package io.github.microsam.cli;

import io.github.microsam.io.ImageFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Predicted and true label images that belong together.
 *
 * @param pairs by name
 * @param alone what to tell of files without counterpart
 */
record LabelPairs(List<Pair> pairs, List<String> alone) {
  private static final String LABELS = "_labels";
  private static final String OVERLAY = "_overlay";

  /**
   * Two files.
   *
   * @param name what both are called
   * @param predicted labels to be judged
   * @param truth true labels
   */
  record Pair(String name, Path predicted, Path truth) {}

  static LabelPairs of(String predicted, String truth) {
    List<Path> found = ImageFiles.of(List.of(predicted));
    List<Path> expected = ImageFiles.of(List.of(truth));
    if (found.equals(List.of(Path.of(predicted))) && expected.equals(List.of(Path.of(truth)))) {
      return new LabelPairs(
          List.of(new Pair(name(found.get(0)), found.get(0), expected.get(0))), List.of());
    }
    return match(byName(found), byName(expected));
  }

  private static LabelPairs match(Map<String, Path> predicted, Map<String, Path> truth) {
    List<Pair> pairs = new ArrayList<>();
    List<String> alone = new ArrayList<>();
    truth.forEach(
        (name, path) -> {
          if (predicted.containsKey(name)) {
            pairs.add(new Pair(name, predicted.get(name), path));
          } else {
            alone.add(path + ": nothing was predicted for it");
          }
        });
    predicted.forEach(
        (name, path) -> {
          if (!truth.containsKey(name)) {
            alone.add(path + ": there is no truth for it");
          }
        });
    if (pairs.isEmpty()) {
      throw new CommandException(
          "No predicted file has the name of a true one: %s, for instance, and %s."
              .formatted(first(predicted), first(truth)));
    }
    return new LabelPairs(pairs, alone);
  }

  private static String first(Map<String, Path> files) {
    return files.values().stream().map(Path::toString).findFirst().orElse("nothing");
  }

  private static Map<String, Path> byName(List<Path> files) {
    Map<String, Path> named = new TreeMap<>();
    for (Path file : files) {
      String name = SegmentTargets.stem(file);
      if (name.endsWith(OVERLAY)) {
        continue; // a picture that lies beside the labels
      }
      Path other = named.put(name(file), file);
      if (other != null) {
        throw new CommandException(
            "%s and %s have the same name: which is it? Name the files by a pattern."
                .formatted(other, file));
      }
    }
    return named;
  }

  private static String name(Path file) {
    String stem = SegmentTargets.stem(file);
    return stem.endsWith(LABELS) ? stem.substring(0, stem.length() - LABELS.length()) : stem;
  }
}
