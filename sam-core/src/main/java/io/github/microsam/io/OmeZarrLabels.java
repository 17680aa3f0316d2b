package io.github.microsam.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.microsam.image.ImageException;
import io.github.microsam.zarr.ZarrArray;
import io.github.microsam.zarr.ZarrFormat;
import io.github.microsam.zarr.ZarrGroup;
import io.github.microsam.zarr.ZarrType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import net.imglib2.RandomAccess;
import net.imglib2.type.numeric.IntegerType;

/**
 * A label image as OME-Zarr 0.4, the version that most programs open: levels of half the width and
 * height each, by taking every second pixel, since labels cannot be averaged.
 */
final class OmeZarrLabels {
  private static final String VERSION = "0.4";
  private static final int CHUNK = 512;
  private static final int SMALLEST_LEVEL = 1024;

  private final LabelledImage image;
  private final ZarrType type;

  private OmeZarrLabels(LabelledImage image) {
    this.image = image;
    long largest = LabelFile.largest(image.labels());
    type = largest > 0xffff ? ZarrType.UINT32 : ZarrType.UINT16;
  }

  static void write(Path path, LabelledImage image) {
    if (Files.exists(path) && !ZarrImage.isAt(path)) {
      throw new ImageException(path + " exists and is no Zarr: give another name.");
    }
    OmeZarrLabels labels = new OmeZarrLabels(image);
    Path absolute = path.toAbsolutePath();
    Path beside =
        absolute.resolveSibling("." + absolute.getFileName() + "." + System.nanoTime() + ".part");
    ZarrGroup.create(beside, ZarrFormat.V2, labels::fill);
    try {
      delete(absolute);
      Files.move(beside, absolute);
    } catch (IOException e) {
      throw new UncheckedIOException(
          path + " cannot be replaced (" + e + "); the new one is " + beside, e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void fill(ZarrGroup group) {
    JsonArray datasets = new JsonArray();
    int step = 1;
    while (true) {
      int level = datasets.size();
      int by = step;
      group.createArray(
          Integer.toString(level), type, shape(step), chunks(), array -> copy(array, by));
      datasets.add(dataset(level, step));
      if (Math.max(image.width(), image.height()) / step <= SMALLEST_LEVEL) {
        break;
      }
      step *= 2;
    }
    group.setAttributes(attributes(datasets));
  }

  private long[] shape(int step) {
    long height = (image.height() - 1L) / step + 1;
    long width = (image.width() - 1L) / step + 1;
    return image.isStack()
        ? new long[] {image.slices(), height, width}
        : new long[] {height, width};
  }

  private int[] chunks() {
    return image.isStack() ? new int[] {1, CHUNK, CHUNK} : new int[] {CHUNK, CHUNK};
  }

  private void copy(ZarrArray array, int step) {
    long[] shape = array.shape();
    int width = (int) shape[shape.length - 1];
    int height = (int) shape[shape.length - 2];
    for (int z = 0; z < image.slices(); z++) {
      RandomAccess<? extends IntegerType<?>> access = image.slice(z).randomAccess();
      for (int row = 0; row * CHUNK < height; row++) {
        for (int column = 0; column * CHUNK < width; column++) {
          int top = row * CHUNK;
          int left = column * CHUNK;
          long[] index = image.isStack() ? new long[] {z, row, column} : new long[] {row, column};
          array.writeChunk(
              i -> {
                int x = left + i % CHUNK;
                int y = top + i / CHUNK;
                if (x >= width || y >= height) {
                  return 0;
                }
                access.setPosition(x * step, 0);
                access.setPosition(y * step, 1);
                return access.get().getIntegerLong();
              },
              index);
        }
      }
    }
  }

  private JsonObject dataset(int level, int step) {
    JsonArray scale = new JsonArray();
    if (image.isStack()) {
      scale.add(1);
    }
    scale.add(step);
    scale.add(step);
    JsonObject transformation = new JsonObject();
    transformation.addProperty("type", "scale");
    transformation.add("scale", scale);
    JsonObject dataset = new JsonObject();
    dataset.addProperty("path", Integer.toString(level));
    dataset.add("coordinateTransformations", array(transformation));
    return dataset;
  }

  private JsonObject attributes(JsonArray datasets) {
    JsonArray axes = new JsonArray();
    for (String name : image.isStack() ? List.of("z", "y", "x") : List.of("y", "x")) {
      JsonObject axis = new JsonObject();
      axis.addProperty("name", name);
      axis.addProperty("type", "space");
      axes.add(axis);
    }
    JsonObject scales = new JsonObject();
    scales.addProperty("version", VERSION);
    scales.addProperty("name", "labels");
    scales.add("axes", axes);
    scales.add("datasets", datasets);
    JsonObject label = new JsonObject();
    label.addProperty("version", VERSION);
    JsonObject attributes = new JsonObject();
    attributes.add("multiscales", array(scales));
    attributes.add("image-label", label);
    return attributes;
  }

  private static JsonArray array(JsonElement only) {
    JsonArray array = new JsonArray();
    array.add(only);
    return array;
  }
}
