package io.github.microsam.io;

import io.github.microsam.image.ImageException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Formats that labels are written in. A file that exists is replaced, at once and as a whole;
 * folders that are missing are made.
 *
 * <pre>{@code
 * LabelFormat.of(path).write(path, LabelledImage.of(labels));
 * }</pre>
 */
public enum LabelFormat {
  /** A label image of 16 or 32 bits, compressed with Deflate; stacks too. */
  TIF(".tif", ".tiff"),

  /** A label image of 16 bits. */
  PNG(".png", ".png"),

  /**
   * ROIs for ImageJ's and Fiji's ROI Manager, named by label; in a stack one for each slice of an
   * object, placed there. Objects with holes or of several parts are composite ROIs.
   */
  ROI(".zip", ".zip"),

  /**
   * Polygons for QuPath, as detections with measurements; in a stack one for each slice of an
   * object.
   */
  GEOJSON(".geojson", ".geojson"),

  /** COCO's instances with compressed run lengths; the slices of a stack are images. */
  COCO(".json", ".json"),

  /** A table of measurements, one object a row. */
  CSV(".csv", ".csv"),

  /** A label image as OME-Zarr 0.4, a folder, with smaller levels of large images; stacks too. */
  ZARR(".ome.zarr", ".zarr");

  private final String ending;
  private final String otherEnding;

  LabelFormat(String ending, String otherEnding) {
    this.ending = ending;
    this.otherEnding = otherEnding;
  }

  /**
   * The format that a file's name ends with.
   *
   * @param path what is to be written
   * @return its format
   * @throws ImageException if the ending is another one; all are named
   */
  public static LabelFormat of(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> name.endsWith(format.ending) || name.endsWith(format.otherEnding))
        .findFirst()
        .orElseThrow(
            () ->
                new ImageException(
                    "%s: labels are written as %s."
                        .formatted(
                            path,
                            Arrays.stream(values())
                                .map(format -> format.ending)
                                .collect(Collectors.joining(", ")))));
  }

  /**
   * What file names of this format end with.
   *
   * @return with its dot
   */
  public String ending() {
    return ending;
  }

  /**
   * Writes labels.
   *
   * @param path where to; whatever its ending
   * @param image the labels and what is known of them
   * @throws ImageException if the labels do not fit the format
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public void write(Path path, LabelledImage image) {
    switch (this) {
      case TIF, PNG -> LabelFile.write(path, image.labels());
      case ROI -> RoiZip.write(path, image);
      case GEOJSON -> GeoJson.write(path, image);
      case COCO -> CocoJson.write(path, image);
      case CSV -> MeasurementTable.write(path, image);
      case ZARR -> OmeZarrLabels.write(path, image);
    }
  }
}
