package io.github.microsam.segment;

import io.github.microsam.model.ModelOptions;
import io.github.microsam.model.SamModel;
import io.github.microsam.weights.CheckpointException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The texts that a model's file may tell about it, in the metadata of safetensors files: how it
 * segments best ({@link SegmentationDefaults}), how it is used ({@link ModelOptions}), and for
 * people where it comes from.
 */
public final class ModelMetadata {
  private ModelMetadata() {}

  /**
   * All keys that mean something here.
   *
   * @return in alphabetical order
   */
  public static Set<String> keys() {
    Set<String> keys =
        new TreeSet<>(
            Set.of(SamModel.NAME, SamModel.PURPOSE, SamModel.LICENCE, SamModel.TRAINED_ON));
    keys.addAll(SegmentationDefaults.KEYS);
    keys.addAll(ModelOptions.keys());
    return keys;
  }

  /**
   * Makes sure that texts which are to go into a file mean something.
   *
   * @param texts by key
   * @throws SegmentationException if there is no such key, or a number is none or out of range
   * @throws CheckpointException if the value of another key is none that is known
   */
  public static void check(Map<String, String> texts) {
    Set<String> keys = keys();
    for (String key : texts.keySet()) {
      if (!keys.contains(key)) {
        throw new SegmentationException(
            "There is no metadata called %s; there are: %s"
                .formatted(key, String.join(", ", keys)));
      }
    }
    boolean nativeResolution = ModelOptions.of(texts).nativeResolution();
    SegmentationDefaults.of(texts, 1024, nativeResolution);
  }
}
