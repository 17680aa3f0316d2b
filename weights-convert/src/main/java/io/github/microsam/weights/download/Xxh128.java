package io.github.microsam.weights.download;

import com.dynatrace.hash4j.hashing.HashStream128;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * XXH3 128-bit hashes of files, in the canonical form of {@code xxh128sum} and Python's {@code
 * xxhash.xxh128}: high half first, most significant digit first. Fast (gigabytes a second) and good
 * against accidents; it does not protect from someone who forges a file on purpose.
 */
public final class Xxh128 {
  private Xxh128() {}

  /**
   * Reads a file from begin to end.
   *
   * @param file any size
   * @return 32 hexadecimal digits in lower case
   * @throws IOException if the file cannot be read
   */
  public static String of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in);
    }
  }

  /**
   * Reads a stream to its end.
   *
   * @param in stays open
   * @return 32 hexadecimal digits in lower case
   * @throws IOException if the stream cannot be read
   */
  public static String of(InputStream in) throws IOException {
    HashStream128 hash = Hashing.xxh3_128().hashStream();
    byte[] buffer = new byte[1 << 18];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      hash.putBytes(buffer, 0, n);
    }
    HashValue128 value = hash.get();
    return String.format(
        "%016x%016x", value.getMostSignificantBits(), value.getLeastSignificantBits());
  }
}
