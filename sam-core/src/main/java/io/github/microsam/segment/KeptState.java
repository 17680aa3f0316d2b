package io.github.microsam.segment;

import io.github.microsam.embedding.CacheException;
import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.model.SamModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The place beside cached embeddings for what the networks make of them, before thresholds: the
 * maps of AIS and APG, the masks of AMG.
 *
 * @param file where it is or may be
 * @param kind of the file
 * @param key what it depends on
 */
record KeptState(Path file, String kind, StateKey key) {

  static KeptState of(
      EmbeddingCache cache, int slice, SamModel model, Mode mode, SegmentationOptions options) {
    String ending = cache.isStack() ? "_" + slice : "";
    return mode == Mode.AMG
        ? new KeptState(
            cache.stateFile("grid_masks" + ending),
            StateFile.MASKS,
            StateKey.ofMasks(cache, slice, model, options.grid()))
        : new KeptState(
            cache.stateFile("distance_maps" + ending),
            StateFile.MAPS,
            StateKey.ofMaps(cache, slice, model));
  }

  /** Says why what is there is not this state. */
  Optional<String> difference() {
    return Files.exists(file)
        ? StateFile.key(file, kind).difference(key).map(what -> file + ": " + what)
        : Optional.empty();
  }

  private boolean isThere() {
    return Files.exists(file) && difference().isEmpty();
  }

  DistanceMaps maps(Supplier<DistanceMaps> otherwise) {
    return isThere() ? DistanceMaps.read(file) : otherwise.get();
  }

  GridMasks masks(Supplier<GridMasks> otherwise) {
    return isThere() ? GridMasks.read(file) : otherwise.get();
  }

  /** Makes it if it is not there. */
  void make(Runnable making) {
    difference()
        .ifPresent(
            what -> {
              throw new CacheException(
                  "Another state is kept in %s. Delete it, or give another cache.".formatted(what));
            });
    if (!Files.exists(file)) {
      making.run();
    }
  }
}
