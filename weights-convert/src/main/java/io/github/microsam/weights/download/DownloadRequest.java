package io.github.microsam.weights.download;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/**
 * One file to download.
 *
 * @param name what people call it, for messages and progress
 * @param source its address, http or https
 * @param target where it goes; the folder is made if it is missing
 * @param xxh128 the XXH3 128-bit hash of its content, as {@code xxh128sum} prints it: 32
 *     hexadecimal digits in lower case
 * @param approximateBytes its size, roughly: an answer of more than four times this size is cut off
 *     instead of filling the disk
 */
public record DownloadRequest(
    String name, URI source, Path target, String xxh128, long approximateBytes) {

  /**
   * Checks the hash and the address.
   *
   * @param name what people call it
   * @param source its address
   * @param target where it goes
   * @param xxh128 the hash of its content
   * @param approximateBytes its size, roughly
   * @throws IllegalArgumentException if the hash is not 32 hexadecimal digits or the address is
   *     neither http nor https
   */
  public DownloadRequest {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(target, "target");
    if (!xxh128.matches("[0-9a-f]{32}")) {
      throw new IllegalArgumentException(
          name + ": the hash is 32 hexadecimal digits in lower case, not " + xxh128);
    }
    if (!isHttp(source)) {
      throw new IllegalArgumentException(
          name + ": the address starts with http:// or https://, unlike " + source);
    }
  }

  static boolean isHttp(URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    return (scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null;
  }

  /** Where a transfer's unfinished bytes and its lock live: beside the target, out of sight. */
  private Path workFolder() {
    return target.toAbsolutePath().resolveSibling(".microsam");
  }

  /** The file name holds the hash, so that bytes of another version are never continued. */
  Path part() {
    return workFolder().resolve(target.getFileName() + "-" + xxh128.substring(0, 8) + ".part");
  }

  Path lock() {
    return workFolder().resolve(target.getFileName() + ".lock");
  }

  long largestBytes() {
    return Math.max(4 * approximateBytes, approximateBytes + (64L << 20));
  }
}
