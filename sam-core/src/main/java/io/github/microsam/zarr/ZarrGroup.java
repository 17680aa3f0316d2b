package io.github.microsam.zarr;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A folder of arrays and groups, with attributes.
 *
 * <p>Nothing is kept in memory; threads and processes may read and write at the same time.
 * Immutable.
 */
public final class ZarrGroup {
  private static final String V2_GROUP = ".zgroup";
  private static final String V2_ARRAY = ".zarray";

  private final Path path;
  private final ZarrFormat format;

  private ZarrGroup(Path path, ZarrFormat format) {
    this.path = path;
    this.format = format;
  }

  /**
   * Opens a group if there is one.
   *
   * @param path its folder
   * @return empty if the folder is missing or is no group
   */
  public static Optional<ZarrGroup> find(Path path) {
    if (Files.isRegularFile(path.resolve(V2_GROUP))) {
      return Optional.of(new ZarrGroup(path, ZarrFormat.V2));
    }
    return isV3(path, "group") ? Optional.of(new ZarrGroup(path, ZarrFormat.V3)) : Optional.empty();
  }

  /**
   * Opens an array if there is one.
   *
   * @param path its folder
   * @return empty if the folder is missing or is no array
   * @throws ZarrException if its metadata are damaged, or ask for what is not supported
   */
  public static Optional<ZarrArray> findArray(Path path) {
    try {
      Optional<JsonObject> v2 = Attributes.json(path.resolve(V2_ARRAY));
      if (v2.isPresent()) {
        return Optional.of(new ZarrArray(path, ArrayMetadata.ofV2(v2.get())));
      }
      if (isV3(path, "array")) {
        JsonObject v3 = Attributes.json(path.resolve(Attributes.V3)).orElseThrow();
        return Optional.of(new ZarrArray(path, ArrayMetadata.ofV3(v3)));
      }
      return Optional.empty();
    } catch (ZarrException e) {
      throw new ZarrException(path + ": " + e.getMessage(), e);
    } catch (RuntimeException e) { // members that are missing or of another type
      throw new ZarrException(path + ": its metadata are damaged (" + e + ").", e);
    }
  }

  private static boolean isV3(Path path, String type) {
    Path file = path.resolve(Attributes.V3);
    return Files.isRegularFile(file)
        && Attributes.json(file)
            .map(json -> json.get("node_type"))
            .filter(node -> node.getAsString().equals(type))
            .isPresent();
  }

  /**
   * Makes a group with its content: others see all of it at once, or find one that another made
   * meanwhile.
   *
   * @param path where it is to be; folders above are made
   * @param format the version
   * @param content fills the new group
   * @return the new group, or the one that was there
   * @throws UncheckedIOException if it cannot be written, or something else is there
   */
  public static ZarrGroup create(Path path, ZarrFormat format, Consumer<ZarrGroup> content) {
    staged(
        path,
        folder -> {
          ZarrGroup group = new ZarrGroup(folder, format);
          if (format == ZarrFormat.V2) {
            JsonObject json = new JsonObject();
            json.addProperty("zarr_format", 2);
            Attributes.write(folder.resolve(V2_GROUP), json);
          } else {
            JsonObject json = new JsonObject();
            json.addProperty("zarr_format", 3);
            json.addProperty("node_type", "group");
            json.add("attributes", new JsonObject());
            Attributes.write(folder.resolve(Attributes.V3), json);
          }
          content.accept(group);
        });
    return find(path)
        .orElseThrow(
            () ->
                new UncheckedIOException(
                    path + " exists and is no Zarr group: give another name.",
                    new FileAlreadyExistsException(path.toString())));
  }

  /**
   * Where the group is.
   *
   * @return its folder
   */
  public Path path() {
    return path;
  }

  /**
   * The version.
   *
   * @return that of the group and what is made in it
   */
  public ZarrFormat format() {
    return format;
  }

  /**
   * Attributes as they are now.
   *
   * @return empty if there are none
   */
  public JsonObject attributes() {
    return new Attributes(path, format).read();
  }

  /**
   * Replaces the attributes.
   *
   * @param attributes all of them
   */
  public void setAttributes(JsonObject attributes) {
    new Attributes(path, format).write(attributes);
  }

  /**
   * A group in this one.
   *
   * @param name its name
   * @return empty if there is none
   */
  public Optional<ZarrGroup> group(String name) {
    return find(path.resolve(name));
  }

  /**
   * An array in this group.
   *
   * @param name its name
   * @return empty if there is none
   * @throws ZarrException if its metadata are damaged
   */
  public Optional<ZarrArray> array(String name) {
    return findArray(path.resolve(name));
  }

  /**
   * Makes a group in this one, as {@link #create(Path, ZarrFormat, Consumer)}.
   *
   * @param name its name
   * @param content fills the new group
   * @return the new group, or the one that was there
   */
  public ZarrGroup createGroup(String name, Consumer<ZarrGroup> content) {
    return create(path.resolve(name), format, content);
  }

  /**
   * Makes an array, compressed with zstd, whose elements are 0 where no chunk is written. Others
   * see all of it at once, or find one that another made meanwhile.
   *
   * @param name its name
   * @param type of the elements
   * @param shape elements along each axis
   * @param chunks elements of a chunk along each axis
   * @param content fills the new array
   * @return the new array, or the one that was there
   */
  public ZarrArray createArray(
      String name, ZarrType type, long[] shape, int[] chunks, Consumer<ZarrArray> content) {
    staged(
        path.resolve(name),
        folder -> {
          JsonObject json = ArrayMetadata.create(format, shape, chunks, type);
          Attributes.write(
              folder.resolve(format == ZarrFormat.V2 ? V2_ARRAY : Attributes.V3), json);
          content.accept(findArray(folder).orElseThrow());
        });
    return array(name)
        .orElseThrow(() -> new ZarrException(path.resolve(name) + " is no Zarr array"));
  }

  /** Fills a folder beside its target and moves it there, unless another was faster. */
  private static void staged(Path target, Consumer<Path> content) {
    Path absolute = target.toAbsolutePath();
    Path folder = ChunkFiles.temporary(absolute);
    try {
      Files.createDirectories(folder);
      content.accept(folder);
      Files.move(folder, absolute, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      delete(folder);
      if (!Files.exists(absolute)) { // another was not faster
        throw new UncheckedIOException(
            target
                + " cannot be written ("
                + e
                + "): is the folder writable and the disk not full?",
            e);
      }
    } catch (RuntimeException e) {
      delete(folder);
      throw e;
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " is left over and cannot be deleted (" + e + ")", e);
    }
  }
}
