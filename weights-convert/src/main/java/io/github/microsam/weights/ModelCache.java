package io.github.microsam.weights;

import io.github.microsam.weights.download.DownloadException;
import io.github.microsam.weights.download.DownloadListener;
import io.github.microsam.weights.download.DownloadOptions;
import io.github.microsam.weights.download.DownloadRequest;
import io.github.microsam.weights.download.Downloader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Published models by name, downloaded at first use.
 *
 * <pre>{@code
 * ModelCache.Files model = ModelCache.ofEnvironment().fetch("vit_b_lm", DownloadListener.SILENT);
 * }</pre>
 *
 * <p>Files lie as micro-sam's Python code lays them, {@code <cache>/models/<key>} without an
 * extension, so what one has downloaded the other finds. The cache folder is {@code
 * $MICROSAM_CACHEDIR}, or the platform's: {@code ~/.cache/micro_sam} (or in {@code
 * $XDG_CACHE_HOME}) on Linux, {@code ~/Library/Caches/micro_sam} on macOS, {@code
 * %LOCALAPPDATA%\micro_sam\micro_sam\Cache} on Windows. Unfinished downloads and locks are in a
 * folder {@code .microsam} beside them. A complete cache may be read-only.
 *
 * <p>A cached file is hashed when this object hands it out first, and again only if its size or
 * date has changed. There is no marker of a finished check on disk: it could not tell a file that
 * was damaged since, and hashing takes a fraction of the time that loading takes (vit_h, 2.6 GB:
 * about a second). A file with another hash, damaged or of another version, is replaced as pooch
 * does it: once the right one has arrived whole. How downloads behave is said at {@link
 * Downloader}; {@code MICROSAM_OFFLINE=1} forbids them.
 *
 * <p>Safe for use by several threads, and by several processes on the same folder.
 */
public final class ModelCache {

  /**
   * The files of a model on this machine.
   *
   * @param weights the Segment Anything model
   * @param decoder the decoder for automatic segmentation, if the model has one
   */
  public record ModelFiles(Path weights, Optional<Path> decoder) {}

  /** What a file was like when its hash was right. */
  private record Checked(long size, FileTime modified) {
    private static final Checked MISSING = new Checked(-1, FileTime.fromMillis(0));

    static Checked of(Path file) {
      try {
        return new Checked(Files.size(file), Files.getLastModifiedTime(file));
      } catch (IOException e) {
        return MISSING;
      }
    }
  }

  private final Path folder;
  private final ModelRegistry registry;
  private final Downloader downloader;
  private final Map<Path, Checked> checked = new ConcurrentHashMap<>();

  /**
   * A cache in a folder of one's own.
   *
   * @param folder the cache folder; its subfolder {@code models} holds the models
   * @param registry which models there are
   * @param options whether and how to download
   */
  public ModelCache(Path folder, ModelRegistry registry, DownloadOptions options) {
    this.folder = folder.toAbsolutePath().resolve("models");
    this.registry = registry;
    downloader = new Downloader(options);
  }

  /**
   * The published models in the user's cache, with the environment's proxies and offline switch.
   *
   * @return a new cache object on the shared folder
   */
  public static ModelCache ofEnvironment() {
    return new ModelCache(
        CacheFolder.ofEnvironment(),
        ModelRegistry.published(),
        DownloadOptions.of(System.getenv()));
  }

  /**
   * Where the models are.
   *
   * @return the absolute path of {@code <cache>/models}, which need not exist
   */
  public Path folder() {
    return folder;
  }

  /**
   * Which models there are.
   *
   * @return the registry
   */
  public ModelRegistry registry() {
    return registry;
  }

  /**
   * Where a file is, or would be.
   *
   * @param file a file of the registry
   * @return its absolute path
   */
  public Path path(PublishedFile file) {
    return folder.resolve(file.key());
  }

  /**
   * The size of a cached file; looks, but does not check the content.
   *
   * @param file a file of the registry
   * @return bytes, or nothing if the file is not here
   */
  public OptionalLong cachedBytes(PublishedFile file) {
    Path path = path(file);
    try {
      return Files.isRegularFile(path) ? OptionalLong.of(Files.size(path)) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Whether all files of a model are here; looks, but does not check the content.
   *
   * @param model a model of the registry
   * @return true if fetching it is unlikely to need the network
   */
  public boolean isCached(PublishedModel model) {
    return model.files().stream().allMatch(file -> cachedBytes(file).isPresent());
  }

  /**
   * A model's files, downloaded if they are not here.
   *
   * @param name for instance {@code vit_b_lm}
   * @param listener hears how downloads go
   * @return verified files
   * @throws IllegalArgumentException if there is no model of that name
   * @throws DownloadException if a file cannot be had
   */
  public ModelFiles fetch(String name, DownloadListener listener) {
    PublishedModel model = registry.model(name);
    return new ModelFiles(
        fetch(model.weights(), listener), model.decoder().map(file -> fetch(file, listener)));
  }

  /**
   * One file, downloaded if it is not here.
   *
   * @param file a file of the registry
   * @param listener hears how the download goes
   * @return the absolute path of the verified file
   * @throws DownloadException if it cannot be had
   */
  public Path fetch(PublishedFile file, DownloadListener listener) {
    Path path = path(file);
    Checked known = checked.get(path);
    if (known == null || !known.equals(Checked.of(path))) {
      downloader.download(
          new DownloadRequest(
              file.key(), file.source(), path, file.xxh128(), file.approximateBytes()),
          listener);
      checked.put(path, Checked.of(path));
    }
    return path;
  }
}
