package io.github.microsam.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a work has to compute: the runtime that is measured first says it, in a file that all
 * processes of a run share, and the others are compared with that. So a benchmark fails if a
 * runtime is fast and wrong.
 */
final class Reference {
  /** System property: the folder of a run. */
  static final String FOLDER = "microsam.bench.references";

  /** Of the largest value; single precision through a whole network. */
  private static final double TOLERANCE = 1e-3;

  /** Of results whose factors were rounded to 8 bits. */
  private static final double TOLERANCE_IN_BFLOAT16 = 0.1;

  private final String work;
  private final float[][] expected;
  private final double tolerance;

  private Reference(String work, float[][] expected, double tolerance) {
    this.work = work;
    this.expected = expected;
    this.tolerance = tolerance;
  }

  /**
   * The reference of a work.
   *
   * @param work what is computed, without who computes it
   * @param first what this runtime has computed, for each output
   * @throws IllegalStateException if that is something else than another runtime computed
   */
  static Reference of(String work, float[]... first) {
    return of(work, first, TOLERANCE);
  }

  /**
   * The same for a runtime that rounds: it is compared with others, not they with it.
   *
   * @param work what is computed
   * @param first what this runtime has computed, for each output
   * @throws IllegalStateException if that is far from what another runtime computed
   */
  static Reference ofRounded(String work, float[]... first) {
    String folder = System.getProperty(FOLDER);
    boolean known = folder != null && Files.exists(file(Path.of(folder), work));
    return known
        ? of(work, first, TOLERANCE_IN_BFLOAT16)
        : new Reference(work, first, TOLERANCE_IN_BFLOAT16);
  }

  private static Reference of(String work, float[][] first, double tolerance) {
    for (float[] output : first) {
      for (float value : output) {
        if (!Float.isFinite(value)) {
          throw new IllegalStateException(work + " gives " + value);
        }
      }
    }
    String folder = System.getProperty(FOLDER);
    float[][] expected = folder == null ? first : shared(Path.of(folder), work, first);
    Reference reference = new Reference(work, expected, tolerance);
    reference.check(first);
    return reference;
  }

  private static Path file(Path folder, String work) {
    return folder.resolve(work.replaceAll("\\W", "_"));
  }

  /** The file: of each output the number of values, then the values. */
  private static float[][] shared(Path folder, String work, float[][] first) {
    Path file = file(folder, work);
    try {
      if (!Files.exists(file)) {
        int values = Arrays.stream(first).mapToInt(output -> output.length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(4 * (first.length + values));
        for (float[] output : first) {
          bytes.putInt(output.length);
          for (float value : output) {
            bytes.putFloat(value);
          }
        }
        Files.write(file, bytes.array());
        return first;
      }
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      List<float[]> expected = new ArrayList<>();
      while (bytes.hasRemaining()) {
        float[] output = new float[bytes.getInt()];
        for (int i = 0; i < output.length; i++) {
          output[i] = bytes.getFloat();
        }
        expected.add(output);
      }
      return expected.toArray(float[][]::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Checks a result.
   *
   * @throws IllegalStateException if it is another than expected
   */
  void check(float[]... actual) {
    if (actual.length != expected.length) {
      throw new IllegalStateException(
          work + " gives " + actual.length + " outputs, expected " + expected.length);
    }
    for (int i = 0; i < actual.length; i++) {
      check(expected[i], actual[i]);
    }
  }

  /** Relative to the largest value of this output, not of another one. */
  private void check(float[] expected, float[] actual) {
    if (actual.length != expected.length) {
      throw new IllegalStateException(
          work + " gives " + actual.length + " values, expected " + expected.length);
    }
    double scale = 0;
    double largest = 0;
    for (int i = 0; i < actual.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      largest = Math.max(largest, Math.abs(actual[i] - expected[i])); // NaN stays NaN
    }
    if (!(largest <= tolerance * scale)) {
      throw new IllegalStateException(
          "%s differs from the runtime that was measured first by %.1e of its scale"
              .formatted(work, largest / scale));
    }
  }
}
