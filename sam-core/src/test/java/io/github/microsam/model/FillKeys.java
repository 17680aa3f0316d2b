package io.github.microsam.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.microsam.golden.FillTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compares the weights that graphs ask for with those of the reference's models. */
final class FillKeys {
  private FillKeys() {}

  /**
   * Fails unless the keys that begin with a prefix, and their shapes, are the same in both.
   *
   * @param model name of a model of the set fill_check
   * @param prefix beginning of the keys that are compared
   * @param shapes shape of each weight that was asked for
   */
  static void assertKeys(String model, String prefix, Map<String, long[]> shapes) {
    Map<String, List<Long>> expected = new TreeMap<>();
    FillTensor.model(model).values().stream()
        .filter(tensor -> tensor.name().startsWith(prefix))
        .forEach(tensor -> expected.put(tensor.name(), list(tensor.shape())));
    Map<String, List<Long>> actual = new TreeMap<>();
    shapes.forEach((key, shape) -> actual.put(key, list(shape)));
    assertEquals(expected, actual);
  }

  private static List<Long> list(long[] shape) {
    return Arrays.stream(shape).boxed().toList();
  }
}
