package io.github.microsam.train.data;

import io.github.microsam.image.ImageException;
import io.github.microsam.io.ImageFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Images and labels of two folders that belong together because their names do. */
final class FilePairs {
  /** An OME-Zarr has two suffixes. */
  private static final String OME = ".ome";

  private FilePairs() {}

  /** Pairs in the order of their names; what is missing becomes a problem. */
  static List<FilePair> find(Path images, Path labels, List<String> problems) {
    List<Path> imageFiles = list(images, problems);
    List<Path> labelFiles = list(labels, problems);
    if (!problems.isEmpty()) {
      return List.of();
    }
    if (imageFiles.equals(List.of(images)) && labelFiles.equals(List.of(labels))) {
      return List.of(new FilePair(images, labels)); // two files, whatever their names
    }
    Map<String, List<Path>> ofLabels = byStem(labelFiles);
    List<FilePair> pairs = new ArrayList<>();
    byStem(imageFiles)
        .forEach(
            (stem, files) -> {
              List<Path> matching = ofLabels.getOrDefault(stem, List.of());
              if (files.size() > 1) {
                problems.add("Which one? " + files + " have the same name.");
              } else if (matching.isEmpty()) {
                problems.add(
                    "%s has no labels: there is no %s.tif, .png or .zarr in %s."
                        .formatted(files.get(0), stem, labels));
              } else if (matching.size() > 1) {
                problems.add("%s has several labels: %s.".formatted(files.get(0), matching));
              } else {
                pairs.add(new FilePair(files.get(0), matching.get(0)));
              }
            });
    if (!problems.isEmpty()) {
      // Not a problem of its own, but these may be the labels that images lack.
      ofLabels.keySet().removeAll(byStem(imageFiles).keySet());
      ofLabels.values().forEach(files -> problems.add(files + " are labels without an image."));
    }
    return pairs;
  }

  private static List<Path> list(Path path, List<String> problems) {
    try {
      return ImageFiles.of(List.of(path.toString()));
    } catch (ImageException e) {
      problems.add(e.getMessage());
      return List.of();
    }
  }

  private static Map<String, List<Path>> byStem(List<Path> files) {
    Map<String, List<Path>> out = new TreeMap<>();
    for (Path file : files) {
      String name = file.getFileName().toString();
      int dot = name.lastIndexOf('.');
      String stem = dot > 0 ? name.substring(0, dot) : name;
      if (stem.endsWith(OME)) {
        stem = stem.substring(0, stem.length() - OME.length());
      }
      out.computeIfAbsent(stem, k -> new ArrayList<>()).add(file);
    }
    return out;
  }
}
