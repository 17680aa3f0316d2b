package io.github.microsam.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/**
 * A set of golden arrays: a folder with a manifest that gives each array's tolerance. Sets that are
 * copied into the test resources ({@code /golden/<set>}) are read from there, others from the
 * folder of fixtures beside the checkout; a test that opens a set which is in neither place is
 * skipped.
 */
public final class Golden {
  private final String set;
  private final JsonObject manifest;
  private final Map<String, JsonObject> arrays = new LinkedHashMap<>();

  private Golden(String set) throws IOException {
    this.set = set;
    try (InputStream in = open(set, "manifest.json")) {
      manifest =
          JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
              .getAsJsonObject();
    }
    if (manifest.has("arrays")) {
      for (JsonElement e : manifest.getAsJsonArray("arrays")) {
        JsonObject a = e.getAsJsonObject();
        arrays.put(a.get("name").getAsString(), a);
      }
    }
  }

  /** Opens a set by the name of its folder, or skips the test that asks. */
  public static Golden open(String set) {
    try {
      return new Golden(set);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of a set, or the calling test is skipped. */
  public static InputStream open(String set, String file) throws IOException {
    InputStream in = Golden.class.getResourceAsStream("/golden/" + set + "/" + file);
    return in != null ? in : Files.newInputStream(shared("golden/" + set + "/" + file));
  }

  /** A file of the folder {@code shared} beside the checkout, or the calling test is skipped. */
  public static Path shared(String file) {
    String shared = System.getProperty("microsam.shared", "../shared");
    Path path = Path.of(shared, file).normalize();
    Assumptions.assumeTrue(Files.exists(path), () -> path + " is not on this machine");
    return path;
  }

  public JsonObject manifest() {
    return manifest;
  }

  public JsonObject scalars() {
    return manifest.getAsJsonObject("scalars");
  }

  /** Names of the arrays, in the manifest's order. */
  public Set<String> names() {
    return arrays.keySet();
  }

  public NpyArray array(String name) {
    try (InputStream in = open(set, entry(name).get("file").getAsString())) {
      return NpyArray.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException(set + "/" + name, e);
    }
  }

  /** Largest absolute difference that the manifest allows. */
  public double tolerance(String name) {
    return entry(name).get("tol_abs").getAsDouble();
  }

  /**
   * Fails, with the largest difference and where it is, unless the array is as the manifest
   * demands.
   */
  public void assertMatches(String name, long[] shape, float[] actual) {
    NpyArray expected = array(name);
    assertArrayEquals(expected.shape(), shape, () -> set + "/" + name + ": shape");
    assertMatches(name, expected.values(), actual, tolerance(name));
  }

  /** The same for a part of an array, or against another tolerance. */
  public void assertMatches(String name, double[] expected, float[] actual, double tolerance) {
    if (expected.length != actual.length) {
      fail(set + "/" + name + ": " + actual.length + " values instead of " + expected.length);
    }
    int worst = -1;
    double largest = -1;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(expected[i] - actual[i]);
      if (!(difference <= largest)) { // NaN counts as largest
        largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
        worst = i;
      }
    }
    if (largest > tolerance) {
      fail(
          String.format(
              "%s/%s %s: largest difference %.3g at %d (expected %.9g, got %.9g), allowed %.3g",
              set,
              name,
              Arrays.toString(array(name).shape()),
              largest,
              worst,
              expected[worst],
              actual[worst],
              tolerance));
    }
  }

  private JsonObject entry(String name) {
    JsonObject a = arrays.get(name);
    if (a == null) {
      throw new IllegalArgumentException("no array " + name + " in " + set + ": " + names());
    }
    return a;
  }
}
