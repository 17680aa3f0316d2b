package io.github.microsam.train.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Images and labels of two folders that belong together because their names do. */
final class FilePairs {
  private static final Set<String> SUFFIXES =
      Set.of("tif", "tiff", "png", "jpg", "jpeg", "bmp", "gif");

  private FilePairs() {}

  /** Pairs in the order of their names; what is missing becomes a problem. */
  static List<FilePair> find(Path images, Path labels, List<String> problems) {
    if (Files.isRegularFile(images) && Files.isRegularFile(labels)) {
      return List.of(new FilePair(images, labels));
    }
    for (Path folder : List.of(images, labels)) {
      if (!Files.isDirectory(folder)) {
        problems.add(
            folder + " is no folder: give a folder of images and one of labels, or two files.");
      }
    }
    if (!problems.isEmpty()) {
      return List.of();
    }
    Map<String, List<Path>> ofLabels = byStem(labels);
    List<FilePair> pairs = new ArrayList<>();
    byStem(images)
        .forEach(
            (stem, files) -> {
              List<Path> matching = ofLabels.getOrDefault(stem, List.of());
              if (files.size() > 1) {
                problems.add("Which one? " + files + " have the same name.");
              } else if (matching.isEmpty()) {
                problems.add(
                    "%s has no labels: %s has no %s.tif or .png."
                        .formatted(files.get(0), labels, stem));
              } else if (matching.size() > 1) {
                problems.add("%s has several labels: %s.".formatted(files.get(0), matching));
              } else {
                pairs.add(new FilePair(files.get(0), matching.get(0)));
              }
            });
    if (pairs.isEmpty() && problems.isEmpty()) {
      problems.add(images + " has no image (" + String.join(", ", SUFFIXES) + ").");
    }
    return pairs;
  }

  private static Map<String, List<Path>> byStem(Path folder) {
    Map<String, List<Path>> out = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .sorted()
          .forEach(
              file -> {
                String name = file.getFileName().toString();
                int dot = name.lastIndexOf('.');
                if (dot > 0
                    && SUFFIXES.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT))) {
                  out.computeIfAbsent(name.substring(0, dot), k -> new ArrayList<>()).add(file);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
    return out;
  }
}
