package io.github.microsam.segment;

import io.github.microsam.image.ImageException;
import io.github.microsam.io.WholeFile;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Files of segmenters' states: a line that tells what they are, then, deflated, what they depend on
 * and numbers.
 */
final class StateFile {
  static final String MAPS = "microsam distance maps 2\n";
  static final String MASKS = "microsam grid masks 2\n";

  private static final int CHUNK = 1 << 14;

  private StateFile() {}

  interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  interface Reading<T> {
    T from(DataInputStream in) throws IOException;
  }

  static void write(Path file, String kind, StateKey key, Writing body) {
    WholeFile.write(
        file,
        temporary -> {
          Deflater fast = new Deflater(Deflater.BEST_SPEED);
          try (BufferedOutputStream bytes =
              new BufferedOutputStream(Files.newOutputStream(temporary))) {
            bytes.write(kind.getBytes(StandardCharsets.US_ASCII));
            try (DataOutputStream out =
                new DataOutputStream(
                    new BufferedOutputStream(new DeflaterOutputStream(bytes, fast)))) {
              key.write(out);
              body.to(out);
            }
          } finally {
            fast.end();
          }
        });
  }

  static <T> T read(Path file, String kind, Reading<T> body) {
    return readAll(
        file,
        kind,
        in -> {
          StateKey.read(in);
          return body.from(in);
        });
  }

  /** What a state depends on, by its beginning. */
  static StateKey key(Path file, String kind) {
    return readAll(file, kind, StateKey::read);
  }

  private static <T> T readAll(Path file, String kind, Reading<T> body) {
    try (BufferedInputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
      byte[] expected = kind.getBytes(StandardCharsets.US_ASCII);
      if (!Arrays.equals(expected, bytes.readNBytes(expected.length))) {
        throw new ImageException(file + " does not begin with '" + kind.strip() + "'.");
      }
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(new InflaterInputStream(bytes)))) {
        return body.from(in);
      }
    } catch (IOException | ArithmeticException | NegativeArraySizeException e) {
      throw new ImageException(file + " cannot be read: " + e, e);
    }
  }

  static void writeFloats(DataOutputStream out, float[] values) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(4 * CHUNK);
    for (int start = 0; start < values.length; start += CHUNK) {
      int count = Math.min(CHUNK, values.length - start);
      buffer.asFloatBuffer().put(values, start, count);
      out.write(buffer.array(), 0, 4 * count);
    }
  }

  static float[] readFloats(DataInputStream in, int count) throws IOException {
    float[] values = new float[count];
    ByteBuffer buffer = ByteBuffer.allocate(4 * CHUNK);
    for (int start = 0; start < count; start += CHUNK) {
      int n = Math.min(CHUNK, count - start);
      in.readFully(buffer.array(), 0, 4 * n);
      buffer.asFloatBuffer().get(values, start, n);
    }
    return values;
  }
}
