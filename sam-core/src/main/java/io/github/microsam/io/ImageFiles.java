package io.github.microsam.io;

import io.github.microsam.image.ImageException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The images that people name: files, folders of images, and patterns such as {@code
 * "plate?/*.tif"}.
 */
public final class ImageFiles {
  private static final List<String> ENDINGS =
      List.of(".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp", ".gif");
  private static final String PATTERN = "*?[{";

  private ImageFiles() {}

  /**
   * Lists images.
   *
   * @param names files, whatever their endings; Zarr arrays and OME-Zarrs, which are folders; other
   *     folders, of which the images are taken by their endings, without subfolders and without
   *     other Zarrs, such as caches of embeddings; and patterns ({@code *}, {@code ?}, {@code
   *     [abc]}, {@code {a,b}}, and {@code **} for any folders)
   * @return the images in the order of the names, those of a folder or pattern sorted by name; each
   *     once
   * @throws ImageException if there is no such file, or no image in a folder or for a pattern
   */
  public static List<Path> of(List<String> names) {
    Set<Path> images = new LinkedHashSet<>();
    for (String name : names) {
      images.addAll(of(name));
    }
    return List.copyOf(images);
  }

  /**
   * What an image is called, also where several are together.
   *
   * @param image a file, Zarr array or OME-Zarr
   * @return the name of its file; of a level of an OME-Zarr, the OME-Zarr's name and the level's,
   *     as {@code cells.ome.zarr/1}
   */
  public static String name(Path image) {
    Path path = image.toAbsolutePath().normalize();
    return ZarrImage.isLevelAt(path)
        ? path.getParent().getFileName() + "/" + path.getFileName()
        : path.getFileName().toString();
  }

  private static List<Path> of(String name) {
    int special = first(name);
    boolean exists = special < 0 || (!windows() && Files.exists(Path.of(name)));
    if (!exists) {
      return matching(name, special);
    }
    Path path = Path.of(name);
    if (Files.isDirectory(path) && !ZarrImage.isAt(path)) {
      List<Path> images = list(path, 1, ImageFiles::isImage);
      if (images.isEmpty()) {
        throw new ImageException(
            path + " is a folder without images (" + String.join(", ", ENDINGS) + ", Zarr).");
      }
      return images;
    }
    if (!Files.exists(path)) {
      throw new ImageException(path + " does not exist, expected an image or a folder of images.");
    }
    return List.of(path);
  }

  private static boolean windows() {
    return File.separatorChar == '\\';
  }

  private static int first(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (PATTERN.indexOf(name.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private static List<Path> matching(String name, int special) {
    int end =
        Math.max(name.lastIndexOf('/', special), name.lastIndexOf(File.separatorChar, special));
    Path folder = Path.of(end < 0 ? "" : name.substring(0, end + 1));
    String pattern = name.substring(end + 1).replace(File.separatorChar, '/');
    int depth =
        pattern.contains("**")
            ? Integer.MAX_VALUE
            : (int) pattern.chars().filter(c -> c == '/').count() + 1;
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    List<Path> images =
        Files.isDirectory(folder.toAbsolutePath())
            ? list(
                folder,
                depth,
                path ->
                    matcher.matches(folder.relativize(path))
                        && (Files.isRegularFile(path) || ZarrImage.isImageAt(path)))
            : List.of();
    if (images.isEmpty()) {
      throw new ImageException("No file matches " + name + ".");
    }
    return images;
  }

  private static boolean isImage(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return !name.startsWith(".")
        && (ZarrImage.isImageAt(path)
            || (Files.isRegularFile(path) && ENDINGS.stream().anyMatch(name::endsWith)));
  }

  private interface Choice {
    boolean takes(Path path);
  }

  private static List<Path> list(Path folder, int depth, Choice choice) {
    try (Stream<Path> paths = Files.walk(folder, depth)) {
      return paths.filter(path -> !path.equals(folder) && choice.takes(path)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be listed (" + e + ")", e);
    }
  }
}
