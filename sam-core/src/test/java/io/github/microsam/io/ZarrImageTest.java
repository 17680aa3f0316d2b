package io.github.microsam.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.microsam.image.ImageException;
import io.github.microsam.zarr.ZarrFormat;
import io.github.microsam.zarr.ZarrGroup;
import io.github.microsam.zarr.ZarrType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import net.imglib2.type.numeric.real.FloatType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OME-Zarr by the examples of its specification, 0.1 to 0.5. */
class ZarrImageTest {
  @TempDir Path folder;

  @Test
  void version04IsReadByItsAxesAndLevels() {
    Path path = folder.resolve("cells.ome.zarr");
    ZarrGroup.create(
        path,
        ZarrFormat.V2,
        group -> {
          fill(group, "0", 2, 3, 4, 30, 20);
          fill(group, "1", 2, 3, 4, 15, 10);
          group.setAttributes(
              json(
                  """
                  {"multiscales": [{"version": "0.4", "axes": [
                     {"name": "t", "type": "time"}, {"name": "c", "type": "channel"},
                     {"name": "z", "type": "space"}, {"name": "y", "type": "space"},
                     {"name": "x", "type": "space"}],
                   "datasets": [{"path": "0"}, {"path": "1"}]}]}
                  """));
        });
    ImageFile file = ImageFile.open(path);
    assertEquals(new ImageFile(path, 20, 30, 3, 4, 2), file);
    assertEquals(value(1, 2, 3, 4, 5), at(file.plane(3, 1), 5, 4, 2));
    assertTrue(file.plane(0, 0).getType() instanceof UnsignedShortType);
    ImageFile level = ImageFile.open(path.resolve("1"));
    assertEquals(new ImageFile(path.resolve("1"), 10, 15, 3, 4, 2), level);
    assertEquals(value(0, 1, 2, 14, 9), at(level.plane(2, 0), 9, 14, 1));
  }

  @Test
  void version05IsRead() {
    Path path = folder.resolve("new.zarr");
    ZarrGroup.create(
        path,
        ZarrFormat.V3,
        group -> {
          fill(group, "s0", 4, 30, 20);
          group.setAttributes(
              json(
                  """
                  {"ome": {"version": "0.5", "multiscales": [{"axes": [
                     {"name": "c", "type": "channel"}, {"name": "y", "type": "space"},
                     {"name": "x", "type": "space"}], "datasets": [{"path": "s0"}]}]}}
                  """));
        });
    ImageFile file = ImageFile.open(path);
    assertEquals(new ImageFile(path, 20, 30, 4, 1, 1), file);
    assertEquals(value(3, 29, 19), at(file.plane(), 19, 29, 3));
  }

  @Test
  void olderVersionsWithoutAxesAreTczyx() {
    Path path = folder.resolve("old.zarr");
    ZarrGroup.create(
        path,
        ZarrFormat.V2,
        group -> {
          fill(group, "0", 1, 2, 3, 7, 9);
          group.setAttributes(json("{\"multiscales\": [{\"datasets\": [{\"path\": \"0\"}]}]}"));
        });
    assertEquals(new ImageFile(path, 9, 7, 2, 3, 1), ImageFile.open(path));
  }

  @Test
  void arraysAreTakenAsMicroSamTakesThem() {
    ZarrGroup group =
        ZarrGroup.create(
            folder.resolve("arrays.zarr"),
            ZarrFormat.V2,
            g -> {
              fill(g, "plane", 7, 9);
              fill(g, "stack", 5, 7, 9);
              fill(g, "colours", 7, 9, 3);
              fill(g, "frames", 2, 3, 5, 7, 9);
            });
    Path path = group.path();
    assertEquals(
        new ImageFile(path.resolve("plane"), 9, 7, 1, 1, 1), ImageFile.open(path.resolve("plane")));
    ImageFile stack = ImageFile.open(path.resolve("stack"));
    assertEquals(new ImageFile(path.resolve("stack"), 9, 7, 1, 5, 1), stack);
    assertEquals(value(4, 2, 3), at(stack.plane(4, 0), 3, 2));
    ImageFile colours = ImageFile.open(path.resolve("colours"));
    assertEquals(new ImageFile(path.resolve("colours"), 9, 7, 3, 1, 1), colours);
    assertEquals(value(6, 8, 2), at(colours.plane(), 8, 6, 2));
    ImageFile frames = ImageFile.open(path.resolve("frames"));
    assertEquals(value(1, 2, 4, 6, 8), at(frames.plane(4, 1), 8, 6, 2));
    ImageException e = assertThrows(ImageException.class, () -> ImageFile.open(path));
    assertTrue(e.getMessage().contains("name one of its arrays"), e::getMessage);
  }

  @Test
  void labelsComeBackFromOmeZarrAndLevelsAreSmaller() {
    for (long[] size : new long[][] {{1500, 40}, {50, 40, 3}}) {
      RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(size);
      int[] i = new int[1];
      labels.forEach(label -> label.set(i[0]++ % 7 == 0 ? 0 : 70_000L + i[0] / 100));
      Path path = folder.resolve("labels.ome.zarr");
      LabelFormat.of(path).write(path, LabelledImage.of(labels)); // the second replaces the first
      RandomAccessibleInterval<UnsignedIntType> found = LabelFile.read(path);
      assertEquals(Arrays.toString(size), Arrays.toString(found.dimensionsAsLongArray()));
      for (long n = 0, p = labels.size(); n < p; n += 3) {
        long x = n % size[0];
        long y = n / size[0] % size[1];
        long[] at = size.length == 2 ? new long[] {x, y} : new long[] {x, y, n / size[0] / size[1]};
        assertEquals(labels.getAt(at).get(), found.getAt(at).get());
      }
      JsonObject attributes = ZarrGroup.find(path).orElseThrow().attributes();
      assertTrue(attributes.has("image-label"));
      if (size.length == 2) {
        RandomAccessibleInterval<UnsignedIntType> half = LabelFile.read(path.resolve("1"));
        assertEquals(750, half.dimension(0));
        assertEquals(20, half.dimension(1));
        assertEquals(labels.getAt(400, 30).get(), half.getAt(200, 15).get());
      }
    }
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void pythonReadsTheLabels() throws Exception {
    RandomAccessibleInterval<UnsignedIntType> labels = ArrayImgs.unsignedInts(70, 50);
    labels.getAt(69, 3).set(9);
    Path path = folder.resolve("labels.ome.zarr");
    LabelFormat.ZARR.write(path, LabelledImage.of(labels));
    String found =
        PythonModule.run(
            "zarr",
            """
            import sys, zarr
            f = zarr.open(sys.argv[1], mode="r")
            scales = f.attrs["multiscales"][0]
            a = f[scales["datasets"][0]["path"]]
            print(scales["version"], [axis["name"] for axis in scales["axes"]], a.shape, a.dtype)
            print(a[:].sum(), a[3, 69])
            """,
            path);
    assertEquals("0.4 ['y', 'x'] (50, 70) uint16\n9 9", found);
  }

  @Test
  void aFolderThatIsNoZarrIsNotReplaced() throws Exception {
    Path path = Files.createDirectories(folder.resolve("thesis.zarr"));
    Files.writeString(path.resolve("chapter1"), "…");
    LabelledImage image = LabelledImage.of(ArrayImgs.unsignedInts(3, 3));
    assertThrows(ImageException.class, () -> LabelFormat.ZARR.write(path, image));
    assertTrue(Files.exists(path.resolve("chapter1")));
  }

  @Test
  void damagedPixelsAreToldAsAnImageError() throws Exception {
    ZarrGroup group =
        ZarrGroup.create(folder.resolve("a.zarr"), ZarrFormat.V2, g -> fill(g, "p", 7, 9));
    Path chunk = group.path().resolve("p").resolve("0").resolve("0");
    Files.write(chunk, new byte[] {1, 2, 3});
    ImageFile file = ImageFile.open(group.path().resolve("p"));
    ImageException e = assertThrows(ImageException.class, file::plane);
    assertTrue(e.getMessage().contains(chunk.toString()), e::getMessage);
  }

  @Test
  void damagedMetadataAreToldAsAnImageError() throws Exception {
    Path path = folder.resolve("a.zarr");
    ZarrGroup group = ZarrGroup.create(path, ZarrFormat.V2, g -> {});
    for (String json :
        List.of(
            "{\"multiscales\": 3}",
            "{\"multiscales\": [{}]}",
            "{\"multiscales\": [{\"datasets\": [{\"path\": \"none\"}]}]}")) {
      group.setAttributes(json(json));
      ImageException e = assertThrows(ImageException.class, () -> ImageFile.open(path), json);
      assertTrue(e.getMessage().contains(path.toString()), e::getMessage);
    }
    Files.writeString(path.resolve(".zattrs"), "{");
    assertThrows(ImageException.class, () -> ImageFile.open(path));
    assertEquals(List.of(path), ImageFiles.of(List.of(folder.toString())));
  }

  @Test
  void typesAreKept() {
    ZarrGroup group = ZarrGroup.create(folder.resolve("t.zarr"), ZarrFormat.V3, g -> {});
    group.createArray(
        "f",
        ZarrType.FLOAT32,
        new long[] {4, 4},
        new int[] {4, 4},
        a -> a.writeChunk(i -> i / 2.0, 0, 0));
    RandomAccessibleInterval<? extends RealType<?>> plane =
        ImageFile.open(group.path().resolve("f")).plane();
    assertTrue(plane.getType() instanceof FloatType);
    assertEquals(2.5, plane.getAt(1, 1).getRealDouble());
  }

  private static void fill(ZarrGroup group, String name, long... shape) {
    int[] chunks = Arrays.stream(shape).mapToInt(side -> (int) side).toArray();
    group.createArray(
        name,
        ZarrType.UINT16,
        shape,
        chunks,
        array ->
            array.writeChunk(
                i -> {
                  long[] at = new long[shape.length];
                  int rest = i;
                  for (int d = shape.length - 1; d >= 0; d--) {
                    at[d] = rest % shape[d];
                    rest /= (int) shape[d];
                  }
                  return value(at);
                },
                new long[shape.length]));
  }

  private static double value(long... at) {
    double value = 0;
    for (long i : at) {
      value = value * 7 + i;
    }
    return value % 60_000;
  }

  private static double at(RandomAccessibleInterval<? extends RealType<?>> image, long... at) {
    return image.getAt(at).getRealDouble();
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }
}
