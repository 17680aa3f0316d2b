package io.github.microsam.io;

import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.ShapeRoi;
import ij.io.RoiEncoder;
import io.github.microsam.image.ImageException;
import io.github.microsam.label.LabelRegion;
import io.github.microsam.label.LabelRegions;
import io.github.microsam.label.ObjectOutline;
import java.awt.geom.Path2D;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.IntegerType;

/** ImageJ's ROI files in a zip, as its ROI Manager saves them. */
final class RoiZip {
  /** Positions have 16 bits, of which ImageJ reads those from -5000 up. */
  private static final int LARGEST_POSITION = 60_535;

  private RoiZip() {}

  static void write(Path path, LabelledImage image) {
    if (Math.max(image.width(), image.height()) > LARGEST_POSITION) {
      throw new ImageException(
          "%s: an image of %d x %d pixels; ImageJ's ROIs reach to %d: write .geojson or .json."
              .formatted(path, image.width(), image.height(), LARGEST_POSITION));
    }
    WholeFile.write(
        path,
        temporary -> {
          try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(temporary));
              ZipOutputStream zip = new ZipOutputStream(file)) {
            for (int z = 0; z < image.slices(); z++) {
              writeSlice(zip, image, z);
            }
          }
        });
  }

  private static void writeSlice(ZipOutputStream zip, LabelledImage image, int z)
      throws IOException {
    RandomAccessibleInterval<? extends IntegerType<?>> labels = image.slice(z);
    List<LabelRegion> regions = LabelRegions.of(labels);
    List<ObjectOutline> outlines = ObjectOutline.of(labels, regions);
    for (int i = 0; i < regions.size(); i++) {
      String name = Long.toString(regions.get(i).id());
      Roi roi = roi(outlines.get(i));
      if (image.isStack()) {
        name += "-%04d".formatted(z + 1);
        roi.setPosition(z + 1);
      }
      roi.setName(name);
      zip.putNextEntry(new ZipEntry(name + ".roi"));
      zip.write(RoiEncoder.saveAsByteArray(roi));
      zip.closeEntry();
    }
  }

  private static Roi roi(ObjectOutline outline) {
    List<ObjectOutline.Polygon> polygons = outline.polygons();
    if (polygons.size() == 1 && polygons.get(0).holes().isEmpty()) {
      ObjectOutline.Ring ring = polygons.get(0).shell();
      int[] x = new int[ring.size()];
      int[] y = new int[ring.size()];
      for (int i = 0; i < ring.size(); i++) {
        x[i] = ring.x(i);
        y[i] = ring.y(i);
      }
      return new PolygonRoi(x, y, ring.size(), Roi.TRACED_ROI);
    }
    Path2D.Float path = new Path2D.Float(Path2D.WIND_EVEN_ODD);
    for (ObjectOutline.Polygon polygon : polygons) {
      append(path, polygon.shell());
      polygon.holes().forEach(hole -> append(path, hole));
    }
    return new ShapeRoi(path);
  }

  private static void append(Path2D path, ObjectOutline.Ring ring) {
    path.moveTo(ring.x(0), ring.y(0));
    for (int i = 1; i < ring.size(); i++) {
      path.lineTo(ring.x(i), ring.y(i));
    }
    path.closePath();
  }
}
