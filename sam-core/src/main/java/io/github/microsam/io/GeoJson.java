package io.github.microsam.io;

import com.google.gson.stream.JsonWriter;
import io.github.microsam.label.ObjectOutline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * QuPath's GeoJSON: a collection of features whose properties say that they are detections, their
 * names, colours and measurements. Features of stacks tell their plane as QuPath does, from 0.
 */
final class GeoJson {
  private GeoJson() {}

  static void write(Path path, LabelledImage image) {
    WholeFile.write(
        path,
        temporary -> {
          try (JsonWriter out = new JsonWriter(Files.newBufferedWriter(temporary))) {
            out.beginObject().name("type").value("FeatureCollection");
            out.name("features").beginArray();
            for (int z = 0; z < image.slices(); z++) {
              for (ObjectMeasurements object : ObjectMeasurements.of(image.plane(z))) {
                feature(out, object, image.isStack() ? z : -1);
              }
            }
            out.endArray().endObject();
          }
        });
  }

  private static void feature(JsonWriter out, ObjectMeasurements object, int z) throws IOException {
    out.beginObject().name("type").value("Feature");
    geometry(out, object.outline().polygons(), z);
    long label = object.region().id();
    out.name("properties").beginObject();
    out.name("objectType").value("detection");
    out.name("name").value(Long.toString(label));
    int colour = LabelColours.of(label);
    out.name("color").beginArray();
    out.value(colour >> 16 & 0xff).value(colour >> 8 & 0xff).value(colour & 0xff).endArray();
    measurements(out, object);
    out.endObject().endObject();
  }

  private static void geometry(JsonWriter out, List<ObjectOutline.Polygon> polygons, int z)
      throws IOException {
    out.name("geometry").beginObject();
    boolean single = polygons.size() == 1;
    out.name("type").value(single ? "Polygon" : "MultiPolygon");
    out.name("coordinates");
    if (!single) {
      out.beginArray();
    }
    for (ObjectOutline.Polygon polygon : polygons) {
      out.beginArray();
      ring(out, polygon.shell());
      for (ObjectOutline.Ring hole : polygon.holes()) {
        ring(out, hole);
      }
      out.endArray();
    }
    if (!single) {
      out.endArray();
    }
    if (z >= 0) {
      out.name("plane").beginObject();
      out.name("c").value(-1).name("z").value(z).name("t").value(0).endObject();
    }
    out.endObject();
  }

  /** GeoJSON's rings end with their first point. */
  private static void ring(JsonWriter out, ObjectOutline.Ring ring) throws IOException {
    out.beginArray();
    for (int i = 0; i <= ring.size(); i++) {
      int corner = i % ring.size();
      out.beginArray().value(ring.x(corner)).value(ring.y(corner)).endArray();
    }
    out.endArray();
  }

  private static void measurements(JsonWriter out, ObjectMeasurements object) throws IOException {
    out.name("measurements").beginObject();
    out.name("Area px^2").value(object.region().size());
    out.name("Perimeter px").value(object.outline().perimeter());
    int channels = object.channels().size();
    for (int c = 0; c < channels; c++) {
      String prefix = channels == 1 ? "" : "Channel " + (c + 1) + ": ";
      ObjectMeasurements.Intensity intensity = object.channels().get(c);
      measurement(out, prefix + "Mean", intensity.mean());
      measurement(out, prefix + "Min", intensity.min());
      measurement(out, prefix + "Max", intensity.max());
    }
    if (object.iouPrediction().isPresent()) {
      measurement(out, "Predicted IoU", object.iouPrediction().getAsDouble());
    }
    out.endObject();
  }

  /** JSON has no NaN; a measurement that is none is left out. */
  private static void measurement(JsonWriter out, String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      out.name(name).value(value);
    }
  }
}
