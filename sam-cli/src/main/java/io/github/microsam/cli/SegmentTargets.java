package io.github.microsam.cli;

import io.github.microsam.io.ImageFiles;
import io.github.microsam.io.LabelFormat;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files that the segmentation of an image is written to.
 *
 * @param labels by format
 * @param overlay the picture with outlines, if it is wanted
 * @param overlayIfPossible whether images that no picture can be drawn of go without it
 */
record SegmentTargets(
    Map<LabelFormat, Path> labels, Optional<Path> overlay, boolean overlayIfPossible) {

  /** Named after the image, in a folder. */
  static SegmentTargets in(
      Path folder,
      Path image,
      List<LabelFormat> formats,
      boolean overlay,
      boolean overlayIfPossible) {
    String stem = stem(image);
    Map<LabelFormat, Path> labels = new LinkedHashMap<>();
    formats.forEach(f -> labels.put(f, folder.resolve(stem + suffix(f) + f.ending())));
    return new SegmentTargets(labels, overlay(folder, stem, overlay), overlayIfPossible);
  }

  /** One file with the labels; the picture beside it. */
  static SegmentTargets file(Path file, LabelFormat format, boolean overlay) {
    Path folder = Optional.ofNullable(file.getParent()).orElse(Path.of(""));
    String stem = stem(file).replaceFirst("_labels$", "");
    return new SegmentTargets(Map.of(format, file), overlay(folder, stem, overlay), false);
  }

  /** The same without the picture. */
  SegmentTargets withoutOverlay() {
    return new SegmentTargets(labels, Optional.empty(), false);
  }

  private static Optional<Path> overlay(Path folder, String stem, boolean wanted) {
    return wanted ? Optional.of(folder.resolve(stem + "_overlay.png")) : Optional.empty();
  }

  private static String suffix(LabelFormat format) {
    return switch (format) {
      case ROI -> "_rois";
      case COCO -> "_coco";
      case CSV -> "_measurements";
      default -> "_labels";
    };
  }

  /**
   * The name without its ending, which may be {@code .ome.zarr}; of the level {@code
   * cells.ome.zarr/1} it is {@code cells_1}.
   */
  static String stem(Path file) {
    String[] names = ImageFiles.name(file).split("/", 2);
    names[0] = names[0].replaceFirst("(?i)(?<=.)(\\.ome)?\\.[^.]+$", "");
    return String.join("_", names);
  }

  /**
   * The image, without its ending, of which a file is a result by its name: of a folder that was
   * segmented before, the results are not segmented again.
   */
  static Optional<Path> imageOf(Path file) {
    String name = stem(file);
    return Stream.of("_labels", "_overlay")
        .filter(name::endsWith)
        .map(suffix -> file.resolveSibling(name.substring(0, name.length() - suffix.length())))
        .findFirst();
  }

  List<Path> all() {
    List<Path> files = new ArrayList<>(labels.values());
    overlay.ifPresent(files::add);
    return files;
  }

  /** The files that are there already. */
  List<Path> existing() {
    return all().stream().filter(SegmentTargets::exists).toList();
  }

  boolean exist() {
    return labels.values().stream().allMatch(SegmentTargets::exists)
        && (overlayIfPossible || overlay.stream().allMatch(SegmentTargets::exists));
  }

  private static boolean exists(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }
}
