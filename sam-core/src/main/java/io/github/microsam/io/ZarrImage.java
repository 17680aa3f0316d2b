package io.github.microsam.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.microsam.image.ImageException;
import io.github.microsam.zarr.ZarrArray;
import io.github.microsam.zarr.ZarrException;
import io.github.microsam.zarr.ZarrGroup;
import io.github.microsam.zarr.ZarrType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.Img;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.type.numeric.RealType;
import net.imglib2.view.Views;

/**
 * An array of a Zarr as an image: an OME-Zarr (0.1 to 0.5), whose first level is taken, one of its
 * levels, or any array of two to five axes.
 *
 * @param path of the OME-Zarr or the array
 * @param array the pixels
 * @param axes names of the array's axes, of t, c, z, y and x
 */
record ZarrImage(Path path, ZarrArray array, List<String> axes) {
  private static final List<String> ALL_AXES = List.of("t", "c", "z", "y", "x");
  private static final int MOST_COLOURS = 4;

  /** Whether a folder is a Zarr group or array. */
  static boolean isAt(Path path) {
    return Files.isDirectory(path)
        && (Files.exists(path.resolve(".zgroup"))
            || Files.exists(path.resolve(".zarray"))
            || Files.exists(path.resolve("zarr.json")));
  }

  /** Whether a folder is an OME-Zarr image or an array; embeddings, for instance, are neither. */
  static boolean isImageAt(Path path) {
    if (!isAt(path)) {
      return false;
    }
    try {
      Optional<ZarrGroup> group = ZarrGroup.find(path);
      return group.isEmpty() || group.flatMap(ZarrImage::multiscales).isPresent();
    } catch (RuntimeException e) { // damaged metadata are told when it is opened
      return true;
    }
  }

  /** Whether a folder is an array of an OME-Zarr image. */
  static boolean isLevelAt(Path path) {
    if (!isAt(path)) {
      return false;
    }
    try {
      return ZarrGroup.find(path).isEmpty() && scalesAbove(path).isPresent();
    } catch (RuntimeException e) { // damaged metadata are told when it is opened
      return false;
    }
  }

  static ZarrImage open(Path path) {
    return told(
        path,
        () -> {
          Optional<ZarrArray> array = ZarrGroup.findArray(path);
          ZarrImage image = array.isPresent() ? level(path, array.get()) : firstLevel(path);
          image.check();
          return image;
        });
  }

  private static <T> T told(Path path, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (ZarrException e) {
      throw new ImageException(path + " cannot be read as an image: " + e.getMessage(), e);
    } catch (RuntimeException e) { // members of its metadata that are missing or of another type
      throw new ImageException(path + " cannot be read as an image (" + e + "): is it damaged?", e);
    }
  }

  private static ZarrImage firstLevel(Path path) {
    ZarrGroup group = ZarrGroup.find(path).orElseThrow(() -> new ZarrException("no Zarr group"));
    JsonObject scales =
        multiscales(group)
            .orElseThrow(
                () ->
                    new ZarrException(
                        "a Zarr group that is no OME-Zarr image: name one of its arrays, as "
                            + path.resolve("ARRAY")));
    String level =
        scales.getAsJsonArray("datasets").get(0).getAsJsonObject().get("path").getAsString();
    ZarrArray array =
        group
            .array(level)
            .orElseThrow(() -> new ZarrException("its level " + level + " is missing"));
    return new ZarrImage(path, array, axes(scales, array.shape().length));
  }

  /** An array; one of an OME-Zarr has the axes that are told there. */
  private static ZarrImage level(Path path, ZarrArray array) {
    int n = array.shape().length;
    return new ZarrImage(
        path,
        array,
        scalesAbove(path).map(json -> axes(json, n)).orElseGet(() -> guessed(array.shape())));
  }

  private static Optional<JsonObject> scalesAbove(Path path) {
    return Optional.ofNullable(path.toAbsolutePath().normalize().getParent())
        .flatMap(ZarrGroup::find)
        .flatMap(ZarrImage::multiscales);
  }

  private static Optional<JsonObject> multiscales(ZarrGroup group) {
    JsonObject attributes = group.attributes();
    JsonObject ome = attributes.has("ome") ? attributes.getAsJsonObject("ome") : attributes;
    return ome.has("multiscales") && !ome.getAsJsonArray("multiscales").isEmpty()
        ? Optional.of(ome.getAsJsonArray("multiscales").get(0).getAsJsonObject())
        : Optional.empty();
  }

  private static List<String> axes(JsonObject scales, int count) {
    if (!scales.has("axes")) { // before 0.3
      return ALL_AXES.subList(ALL_AXES.size() - count, ALL_AXES.size());
    }
    List<String> axes = new ArrayList<>();
    JsonArray all = scales.getAsJsonArray("axes");
    for (JsonElement axis : all) {
      axes.add(
          axis.isJsonPrimitive()
              ? axis.getAsString()
              : axis.getAsJsonObject().get("name").getAsString());
    }
    return axes;
  }

  /** As micro-sam takes arrays: (y, x), (z, y, x), and colours last where three or four are. */
  private static List<String> guessed(long[] shape) {
    int n = shape.length;
    boolean colours = n >= 3 && n <= 4 && shape[n - 1] >= 3 && shape[n - 1] <= MOST_COLOURS;
    if (colours) {
      return n == 3 ? List.of("y", "x", "c") : List.of("z", "y", "x", "c");
    }
    return switch (n) {
      case 3 -> List.of("z", "y", "x");
      case 4 -> List.of("c", "z", "y", "x");
      default -> ALL_AXES.subList(Math.max(0, ALL_AXES.size() - n), ALL_AXES.size());
    };
  }

  private void check() {
    long[] shape = array.shape();
    boolean known =
        axes.size() == shape.length
            && ALL_AXES.containsAll(axes)
            && axes.stream().distinct().count() == axes.size()
            && axes.contains("x")
            && axes.contains("y");
    if (!known) {
      throw new ZarrException(
          "an array of %s with the axes %s, expected x, y and perhaps z, c and t"
              .formatted(Arrays.toString(shape), axes));
    }
    for (String axis : axes) {
      if (size(axis) < 1 || size(axis) > Integer.MAX_VALUE) {
        throw new ZarrException("an array of " + Arrays.toString(shape) + " elements");
      }
    }
    if (size("x") * size("y") > Integer.MAX_VALUE) {
      throw new ZarrException(
          "planes of %d x %d pixels, expected at most %d: name a smaller level of the image"
              .formatted(size("x"), size("y"), Integer.MAX_VALUE));
    }
  }

  private long size(String axis) {
    int index = axes.indexOf(axis);
    return index < 0 ? 1 : array.shape()[index];
  }

  ImageFile file() {
    return new ImageFile(
        path, (int) size("x"), (int) size("y"), (int) size("c"), (int) size("z"), (int) size("t"));
  }

  /** One plane: (x, y), or (x, y, channel) if there are several. */
  RandomAccessibleInterval<? extends RealType<?>> plane(int slice, int frame) {
    int channels = (int) size("c");
    Img<? extends RealType<?>> image = create(size("x"), size("y"), channels);
    for (int c = 0; c < channels; c++) {
      int channel = c;
      told(
          path,
          () -> {
            read(Views.hyperSlice(image, 2, channel), channel, slice, frame);
            return null;
          });
    }
    return channels == 1 ? Views.hyperSlice(image, 2, 0) : image;
  }

  private void read(
      RandomAccessibleInterval<? extends RealType<?>> plane, int channel, int slice, int frame) {
    int n = axes.size();
    long[] offset = new long[n];
    int[] size = new int[n];
    for (int d = 0; d < n; d++) {
      switch (axes.get(d)) {
        case "c" -> offset[d] = channel;
        case "z" -> offset[d] = slice;
        case "t" -> offset[d] = frame;
        default -> offset[d] = 0;
      }
      boolean inPlane = axes.get(d).equals("x") || axes.get(d).equals("y");
      size[d] = inPlane ? (int) array.shape()[d] : 1;
    }
    boolean rows = axes.indexOf("x") > axes.indexOf("y");
    int fast = (int) plane.dimension(rows ? 0 : 1);
    RandomAccess<? extends RealType<?>> access = plane.randomAccess();
    array.read(
        offset,
        size,
        (position, value) -> {
          access.setPosition(position % fast, rows ? 0 : 1);
          access.setPosition(position / fast, rows ? 1 : 0);
          access.get().setReal(value);
        });
  }

  private Img<? extends RealType<?>> create(long... size) {
    ZarrType type = array.type();
    return switch (type) {
      case BOOL, UINT8 -> ArrayImgs.unsignedBytes(size);
      case INT8 -> ArrayImgs.bytes(size);
      case INT16 -> ArrayImgs.shorts(size);
      case UINT16 -> ArrayImgs.unsignedShorts(size);
      case INT32 -> ArrayImgs.ints(size);
      case UINT32 -> ArrayImgs.unsignedInts(size);
      case INT64, UINT64 -> ArrayImgs.longs(size);
      case FLOAT32 -> ArrayImgs.floats(size);
      case FLOAT64 -> ArrayImgs.doubles(size);
    };
  }
}
