package io.github.microsam.io;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.imglib2.Interval;

/**
 * Measurements as CSV: {@code
 * label,area,centroid_x,centroid_y,box_x,box_y,box_width,box_height,perimeter,mean,min,max,predicted_iou},
 * with {@code _z} and {@code box_depth} and without perimeter for stacks, {@code mean_1,min_1,…}
 * for several channels, and without what is not known.
 */
final class MeasurementTable {
  private static final List<String> AXES = List.of("x", "y", "z");
  private static final List<String> SIDES = List.of("width", "height", "depth");

  private final LabelledImage image;
  private final int axes;
  private final int channels;

  private MeasurementTable(LabelledImage image) {
    this.image = image;
    axes = image.isStack() ? 3 : 2;
    channels = image.planes().isEmpty() ? 0 : image.planes().get(0).channels();
  }

  static void write(Path path, LabelledImage image) {
    MeasurementTable table = new MeasurementTable(image);
    List<ObjectMeasurements> objects = ObjectMeasurements.of(image);
    WholeFile.write(
        path,
        temporary -> {
          try (Writer out = Files.newBufferedWriter(temporary)) {
            line(out, table.header());
            for (ObjectMeasurements object : objects) {
              line(out, table.row(object));
            }
          }
        });
  }

  private static void line(Writer out, List<String> cells) throws IOException {
    out.write(String.join(",", cells));
    out.write('\n');
  }

  private List<String> header() {
    List<String> names = new ArrayList<>(List.of("label", "area"));
    AXES.subList(0, axes).forEach(axis -> names.add("centroid_" + axis));
    AXES.subList(0, axes).forEach(axis -> names.add("box_" + axis));
    SIDES.subList(0, axes).forEach(side -> names.add("box_" + side));
    if (!image.isStack()) {
      names.add("perimeter");
    }
    for (int c = 1; c <= channels; c++) {
      String number = channels == 1 ? "" : "_" + c;
      names.addAll(List.of("mean" + number, "min" + number, "max" + number));
    }
    if (!image.iouPredictions().isEmpty()) {
      names.add("predicted_iou");
    }
    return names;
  }

  private List<String> row(ObjectMeasurements object) {
    List<String> cells = new ArrayList<>();
    cells.add(Long.toString(object.region().id()));
    cells.add(Long.toString(object.region().size()));
    Interval box = object.region().box();
    for (int d = 0; d < axes; d++) {
      cells.add(number(object.region().centroid().getDoublePosition(d)));
    }
    for (int d = 0; d < axes; d++) {
      cells.add(Long.toString(box.min(d)));
    }
    for (int d = 0; d < axes; d++) {
      cells.add(Long.toString(box.dimension(d)));
    }
    if (!image.isStack()) {
      cells.add(number(object.outline().perimeter()));
    }
    for (ObjectMeasurements.Intensity channel : object.channels()) {
      cells.add(number(channel.mean()));
      cells.add(number(channel.min()));
      cells.add(number(channel.max()));
    }
    if (!image.iouPredictions().isEmpty()) {
      cells.add(
          object.iouPrediction().isPresent() ? number(object.iouPrediction().getAsDouble()) : "");
    }
    return cells;
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
