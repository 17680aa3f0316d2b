package io.github.microsam.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import ij.gui.Roi;
import ij.io.RoiDecoder;
import io.github.microsam.image.ImageException;
import io.github.microsam.image.ImageSource;
import io.github.microsam.label.LabelRegion;
import io.github.microsam.label.LabelRegions;
import io.github.microsam.label.RunLengths;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.view.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What other programs find in the files. Fiji: ImageJ's own reader opens the ROIs, of the version
 * that Fiji ships. QuPath: the members that QuPath's {@code PathObjectTypeAdapters} and {@code
 * ROITypeAdapters} (0.4 and later) read are there, and polygons are valid by JTS's rules ({@code
 * ObjectOutlineTest}); QuPath itself was not run. COCO: the members of cocodataset.org's "Data
 * format", and run lengths as pycocotools decodes them ({@code RunLengthsTest} has its fixtures).
 * Label images: Pillow ({@code LabelFileTest}) and tifffile open them where they are on the
 * machine.
 */
class LabelFormatTest {
  private static final int W = 40;
  private static final int H = 30;

  @TempDir Path folder;

  @Test
  void imageJFindsTheObjectsInTheRoiZip() throws IOException {
    RandomAccessibleInterval<UnsignedIntType> labels = labels(W, H);
    Path path = folder.resolve("new").resolve("cells.zip");
    LabelFormat.of(path).write(path, LabelledImage.of(labels));
    Map<String, Roi> rois = rois(path);
    Set<String> names = new TreeSet<>();
    for (LabelRegion region : LabelRegions.of(labels)) {
      String name = Long.toString(region.id());
      names.add(name);
      Roi roi = rois.get(name);
      assertEquals(name, roi.getName());
      for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
          boolean object = labels.getAt(x, y).get() == region.id();
          assertEquals(object, roi.containsPoint(x + 0.5, y + 0.5), name + " at " + x + ", " + y);
        }
      }
      assertEquals(region.size(), roi.getStatistics().pixelCount, "area of " + name);
    }
    assertEquals(names, rois.keySet());
    assertTrue(rois.values().stream().anyMatch(roi -> roi.getType() == Roi.TRACED_ROI));
    assertTrue(rois.values().stream().anyMatch(roi -> roi.getType() == Roi.COMPOSITE));
  }

  @Test
  void roisOfAStackLieInTheirSlices() throws IOException {
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(W, H, 3);
    fill(labels, 2, 2, 8, 8, 0, 2);
    fill(labels, 4, 3, 8, 8, 2, 2);
    fill(labels, 20, 20, 25, 28, 1, 70_000);
    Path path = folder.resolve("stack.zip");
    LabelFormat.ROI.write(path, LabelledImage.of(labels));
    Map<String, Roi> rois = rois(path);
    assertEquals(Set.of("2-0001", "2-0003", "70000-0002"), rois.keySet());
    assertEquals(3, rois.get("2-0003").getPosition());
    assertEquals(2, rois.get("70000-0002").getPosition());
    assertEquals(new java.awt.Rectangle(4, 3, 4, 5), rois.get("2-0003").getBounds());
  }

  @Test
  void imagesBeyondTheReachOfRoisAreRefused() {
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(70_000, 1);
    Path path = folder.resolve("wide.zip");
    ImageException e =
        assertThrows(
            ImageException.class, () -> LabelFormat.ROI.write(path, LabelledImage.of(labels)));
    assertTrue(e.getMessage().contains("70000 x 1"), e::getMessage);
    assertFalse(Files.exists(path));
  }

  @Test
  void qupathFindsDetectionsInTheGeoJson() throws IOException {
    RandomAccessibleInterval<UnsignedIntType> labels = labels(W, H);
    Path path = folder.resolve("cells.geojson");
    LabelledImage image =
        LabelledImage.of(labels).withImage(ramp(W, H)).withIouPredictions(Map.of(1L, 0.75));
    LabelFormat.of(path).write(path, image);
    JsonObject root = json(path);
    assertEquals("FeatureCollection", root.get("type").getAsString());
    RandomAccessibleInterval<UnsignedIntType> painted = ArrayImgs.unsignedInts(W, H);
    Set<String> types = new TreeSet<>();
    for (JsonElement element : root.getAsJsonArray("features")) {
      JsonObject feature = element.getAsJsonObject();
      assertEquals("Feature", feature.get("type").getAsString());
      JsonObject properties = feature.getAsJsonObject("properties");
      assertEquals("detection", properties.get("objectType").getAsString());
      assertEquals(3, properties.getAsJsonArray("color").size());
      long label = properties.get("name").getAsLong();
      JsonObject geometry = feature.getAsJsonObject("geometry");
      assertFalse(geometry.has("plane"));
      types.add(geometry.get("type").getAsString());
      paint(painted, geometry, label);
      JsonObject measurements = properties.getAsJsonObject("measurements");
      assertEquals(
          count(labels, label), measurements.get("Area px^2").getAsInt(), "area of " + label);
      assertTrue(measurements.get("Mean").getAsDouble() >= 0);
      assertEquals(label == 1, measurements.has("Predicted IoU"));
    }
    assertEquals(Set.of("MultiPolygon", "Polygon"), types);
    assertSame(labels, painted);
  }

  @Test
  void geoJsonOfAStackTellsThePlane() throws IOException {
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(W, H, 3);
    fill(labels, 2, 2, 8, 8, 2, 5);
    Path path = folder.resolve("stack.geojson");
    LabelFormat.GEOJSON.write(path, LabelledImage.of(labels));
    JsonArray features = json(path).getAsJsonArray("features");
    assertEquals(1, features.size());
    JsonObject geometry = features.get(0).getAsJsonObject().getAsJsonObject("geometry");
    assertEquals("{\"c\":-1,\"z\":2,\"t\":0}", geometry.getAsJsonObject("plane").toString());
    assertEquals(
        "[[[2,2],[8,2],[8,8],[2,8],[2,2]]]", geometry.getAsJsonArray("coordinates").toString());
  }

  @Test
  void cocoHasTheRunLengthsOfEachObject() throws IOException {
    for (long[] size : new long[][] {{W, H}, {W, 3}, {5, 1}, {1, 7}}) {
      RandomAccessibleInterval<UnsignedIntType> labels = labels(size);
      Path path = folder.resolve("cells.json");
      LabelFormat.of(path)
          .write(
              path,
              LabelledImage.of(labels)
                  .withImageName("cells.tif")
                  .withIouPredictions(Map.of(2L, 0.5)));
      JsonObject root = json(path);
      JsonObject picture = root.getAsJsonArray("images").get(0).getAsJsonObject();
      assertEquals("cells.tif", picture.get("file_name").getAsString());
      assertEquals(size[0], picture.get("width").getAsLong());
      assertEquals(1, root.getAsJsonArray("categories").size());
      RandomAccessibleInterval<UnsignedIntType> painted = ArrayImgs.unsignedInts(size);
      for (JsonElement element : root.getAsJsonArray("annotations")) {
        JsonObject annotation = element.getAsJsonObject();
        long label = annotation.get("label").getAsLong();
        JsonObject segmentation = annotation.getAsJsonObject("segmentation");
        assertEquals("[%d,%d]".formatted(size[1], size[0]), segmentation.get("size").toString());
        RunLengths runs = RunLengths.ofCoco(labels, segmentation.get("counts").getAsString());
        RandomAccessibleInterval<NativeBoolType> expected = mask(labels, label);
        assertEquals(RunLengths.of(expected), runs, "object " + label);
        assertEquals(runs.area(), annotation.get("area").getAsLong());
        assertEquals(label == 2, annotation.has("score"));
        JsonArray box = annotation.getAsJsonArray("bbox");
        assertEquals(runs.box().orElseThrow().min(0), box.get(0).getAsLong());
        assertEquals(runs.box().orElseThrow().dimension(1), box.get(3).getAsLong());
        RandomAccessibleInterval<NativeBoolType> mask = runs.toMask();
        for (int y = 0; y < size[1]; y++) {
          for (int x = 0; x < size[0]; x++) {
            if (mask.getAt(x, y).get()) {
              painted.getAt(x, y).set(label);
            }
          }
        }
      }
      assertSame(labels, painted);
    }
  }

  @Test
  void theTableHasWhatIsKnown() throws IOException {
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(W, H);
    fill(labels, 10, 5, 14, 7, 3);
    fill(labels, 30, 20, 31, 21, 70_000);
    Path path = folder.resolve("cells.csv");
    LabelFormat.of(path).write(path, LabelledImage.of(labels));
    double perimeter = 12 - 4 * (2 - Math.sqrt(2));
    assertEquals(
        List.of(
            "label,area,centroid_x,centroid_y,box_x,box_y,box_width,box_height,perimeter",
            "3,8,11.5,5.5,10,5,4,2," + perimeter,
            "70000,1,30,20,30,20,1,1," + (4 - 2 * (2 - Math.sqrt(2)))),
        Files.readAllLines(path));
    LabelledImage more =
        LabelledImage.of(labels).withImage(ramp(W, H)).withIouPredictions(Map.of(3L, 0.875));
    LabelFormat.CSV.write(path, more);
    List<String> lines = Files.readAllLines(path);
    assertTrue(lines.get(0).endsWith(",perimeter,mean,min,max,predicted_iou"), lines.get(0));
    // The ramp's value is x + 100 y.
    assertTrue(lines.get(1).endsWith(",561.5,510,613,0.875"), lines.get(1));
    assertTrue(lines.get(2).endsWith(",2030,2030,2030,"), lines.get(2));
  }

  @Test
  void theTableOfAStackHasVolumesAndChannels() throws IOException {
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(W, H, 2);
    fill(labels, 10, 5, 12, 6, 0, 4);
    fill(labels, 10, 5, 14, 6, 1, 4);
    Path path = folder.resolve("stack.csv");
    RandomAccessibleInterval<UnsignedIntType> colours = ArrayImgs.unsignedInts(W, H, 2);
    colours.forEach(value -> value.set(7));
    ImageSource two = ImageSource.of(colours);
    LabelFormat.CSV.write(path, LabelledImage.of(labels).withPlanes(List.of(two, two)));
    assertEquals(
        List.of(
            "label,area,centroid_x,centroid_y,centroid_z,box_x,box_y,box_z,box_width,box_height,"
                + "box_depth,mean_1,min_1,max_1,mean_2,min_2,max_2",
            "4,6,11.166666666666666,5,0.6666666666666666,10,5,0,4,1,2,7,7,7,7,7,7"),
        Files.readAllLines(path));
  }

  @Test
  void labelImagesAreWrittenByTheirEnding() {
    RandomAccessibleInterval<UnsignedIntType> labels = labels(W, H);
    for (String name : List.of("a.tif", "a.TIFF", "a.png")) {
      Path path = folder.resolve(name);
      LabelFormat.of(path).write(path, LabelledImage.of(labels));
      assertSame(labels, LabelFile.read(path));
    }
    ImageException e =
        assertThrows(ImageException.class, () -> LabelFormat.of(folder.resolve("a.xyz")));
    assertTrue(e.getMessage().contains(".geojson"), e::getMessage);
  }

  @Test
  void tifffileOpensLabelImagesAndStacks() throws Exception {
    RandomAccessibleInterval<UnsignedIntType> stack = ArrayImgs.unsignedInts(W, H, 3);
    fill(stack, 2, 2, 8, 8, 1, 70_000);
    Path image = folder.resolve("image.tif");
    Path slices = folder.resolve("stack.tif");
    LabelFormat.TIF.write(image, LabelledImage.of(labels(W, H)));
    LabelFormat.TIF.write(slices, LabelledImage.of(stack));
    long[] sum = {0};
    labels(W, H).forEach(label -> sum[0] += label.get());
    assertEquals(
        "YX (30, 40) uint16 %d\nZYX (3, 30, 40) uint32 %d".formatted(sum[0], 36 * 70_000),
        PythonModule.run(
            "tifffile",
            """
            import sys, tifffile
            for path in sys.argv[1:]:
                with tifffile.TiffFile(path) as file:
                    pixels = file.asarray()
                    print(file.series[0].axes, pixels.shape, pixels.dtype, pixels.sum())
            """,
            image,
            slices));
  }

  @Test
  void noObjectsAreFilesWithoutObjects() throws IOException {
    LabelledImage empty = LabelledImage.of(ArrayImgs.unsignedInts(W, H));
    for (LabelFormat format : LabelFormat.values()) {
      format.write(folder.resolve("empty" + format.ending()), empty);
    }
    assertEquals(Map.of(), rois(folder.resolve("empty.zip")));
    assertEquals(0, json(folder.resolve("empty.geojson")).getAsJsonArray("features").size());
    assertEquals(0, json(folder.resolve("empty.json")).getAsJsonArray("annotations").size());
    assertEquals(1, Files.readAllLines(folder.resolve("empty.csv")).size());
  }

  @Test
  void aFolderThatCannotBeMadeIsToldAndNothingIsLeft() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    LabelledImage image = LabelledImage.of(labels(W, H));
    for (LabelFormat format : LabelFormat.values()) {
      Path below = file.resolve("cells" + format.ending());
      UncheckedIOException e =
          assertThrows(UncheckedIOException.class, () -> format.write(below, image));
      assertTrue(e.getMessage().contains("cells"), e::getMessage);
    }
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void imagesOfAnotherSizeAreRefused() {
    LabelledImage image = LabelledImage.of(labels(W, H));
    ImageException e = assertThrows(ImageException.class, () -> image.withImage(ramp(W, H + 1)));
    assertTrue(e.getMessage().contains("[40, 30]"), e::getMessage);
    assertTrue(e.getMessage().contains("40 x 31"), e::getMessage);
    List<ImageSource> two = List.of(ramp(W, H), ramp(W, H));
    assertThrows(ImageException.class, () -> image.withPlanes(two));
  }

  /** Discs, noise with holes and corners that touch, objects at every border. */
  private static RandomAccessibleInterval<UnsignedIntType> labels(long... size) {
    Random random = new Random(11);
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(size);
    for (int y = 0; y < size[1]; y++) {
      for (int x = 0; x < size[0]; x++) {
        boolean disc = (x - 8) * (x - 8) + (y - 8) * (y - 8) < 50;
        boolean noise = x > 20 && random.nextInt(3) > 0;
        labels.getAt(x, y).set(disc ? 1 : noise ? 70 : y < 3 ? 2 : 0);
      }
    }
    return labels;
  }

  private static ImageSource ramp(int width, int height) {
    RandomAccessibleInterval<UnsignedIntType> image = ArrayImgs.unsignedInts(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.getAt(x, y).set(x + 100L * y);
      }
    }
    return ImageSource.of(image);
  }

  private static void fill(
      RandomAccessibleInterval<UnsignedIntType> labels, int x0, int y0, int x1, int y1, int... at) {
    boolean stack = at.length == 2;
    RandomAccessibleInterval<UnsignedIntType> slice =
        stack ? Views.hyperSlice(labels, 2, at[0]) : labels;
    for (int y = y0; y < y1; y++) {
      for (int x = x0; x < x1; x++) {
        slice.getAt(x, y).set(at[at.length - 1]);
      }
    }
  }

  private static RandomAccessibleInterval<NativeBoolType> mask(
      RandomAccessibleInterval<UnsignedIntType> labels, long label) {
    RandomAccessibleInterval<NativeBoolType> mask =
        ArrayImgs.booleans(labels.dimensionsAsLongArray());
    for (int y = 0; y < labels.dimension(1); y++) {
      for (int x = 0; x < labels.dimension(0); x++) {
        mask.getAt(x, y).set(labels.getAt(x, y).get() == label);
      }
    }
    return mask;
  }

  private static int count(RandomAccessibleInterval<UnsignedIntType> labels, long label) {
    int[] n = new int[1];
    labels.forEach(value -> n[0] += value.get() == label ? 1 : 0);
    return n[0];
  }

  private static void paint(
      RandomAccessibleInterval<UnsignedIntType> labels, JsonObject geometry, long label) {
    Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
    JsonArray coordinates = geometry.getAsJsonArray("coordinates");
    boolean multi = geometry.get("type").getAsString().equals("MultiPolygon");
    for (JsonElement polygon : multi ? coordinates : List.of((JsonElement) coordinates)) {
      for (JsonElement element : polygon.getAsJsonArray()) {
        JsonArray ring = element.getAsJsonArray();
        assertEquals(ring.get(0), ring.get(ring.size() - 1), "rings end where they begin");
        for (int i = 0; i + 1 < ring.size(); i++) {
          JsonArray point = ring.get(i).getAsJsonArray();
          double x = point.get(0).getAsDouble();
          double y = point.get(1).getAsDouble();
          if (i == 0) {
            path.moveTo(x, y);
          } else {
            path.lineTo(x, y);
          }
        }
        path.closePath();
      }
    }
    for (int y = 0; y < labels.dimension(1); y++) {
      for (int x = 0; x < labels.dimension(0); x++) {
        if (path.contains(x + 0.5, y + 0.5)) {
          labels.getAt(x, y).set(label);
        }
      }
    }
  }

  private static JsonObject json(Path path) throws IOException {
    return JsonParser.parseString(Files.readString(path)).getAsJsonObject();
  }

  private static Map<String, Roi> rois(Path path) throws IOException {
    Map<String, Roi> rois = new TreeMap<>();
    try (InputStream in = Files.newInputStream(path);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName();
        assertTrue(name.endsWith(".roi"), name);
        rois.put(
            name.substring(0, name.length() - 4), RoiDecoder.openFromByteArray(zip.readAllBytes()));
      }
    }
    return rois;
  }

  private static void assertSame(
      RandomAccessibleInterval<UnsignedIntType> expected,
      RandomAccessibleInterval<UnsignedIntType> found) {
    for (int y = 0; y < expected.dimension(1); y++) {
      for (int x = 0; x < expected.dimension(0); x++) {
        assertEquals(expected.getAt(x, y).get(), found.getAt(x, y).get(), "at " + x + ", " + y);
      }
    }
  }
}
