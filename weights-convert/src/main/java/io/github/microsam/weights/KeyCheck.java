package io.github.microsam.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Compares the keys and shapes of a checkpoint with those that an architecture has. */
final class KeyCheck {
  /** MobileSAM's classifier: in its files, used by nobody, dropped by some converters. */
  private static final List<String> OPTIONAL =
      List.of("image_encoder.head.", "image_encoder.norm_head.");

  private KeyCheck() {}

  /**
   * All differences in one text.
   *
   * @return an empty text if there are none
   */
  static String differences(Map<String, long[]> expected, Map<String, Tensor> found) {
    List<String> missing = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    expected.forEach(
        (key, shape) -> {
          Tensor tensor = found.get(key);
          if (tensor == null) {
            if (OPTIONAL.stream().noneMatch(key::startsWith)) {
              missing.add(key);
            }
          } else if (!Arrays.equals(shape, tensor.shape())) {
            wrong.add(
                key
                    + " "
                    + Arrays.toString(tensor.shape())
                    + " instead of "
                    + Arrays.toString(shape));
          }
        });
    List<String> extra = found.keySet().stream().filter(k -> !expected.containsKey(k)).toList();
    List<String> texts = new ArrayList<>();
    list(texts, "missing", missing);
    list(texts, "not part of the model", extra);
    list(texts, "of a wrong shape", wrong);
    return String.join("; ", texts);
  }

  private static void list(List<String> texts, String what, List<String> keys) {
    if (!keys.isEmpty()) {
      texts.add(keys.size() + " " + what + ": " + String.join(", ", keys));
    }
  }
}
