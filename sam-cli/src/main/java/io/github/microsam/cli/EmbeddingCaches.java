package io.github.microsam.cli;

import io.github.microsam.embedding.CacheModel;
import io.github.microsam.embedding.CacheOptions;
import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.embedding.ImagePlanes;
import io.github.microsam.embedding.PrecomputeListener;
import io.github.microsam.io.ImageFile;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.SamPredictor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The caches of images' embeddings, which are filled when they are asked for.
 *
 * @param predictor embeds
 * @param model what caches tell of the model
 * @param files the cache of each image
 */
record EmbeddingCaches(SamPredictor predictor, CacheModel model, Map<Path, Path> files) {
  private static final String ENDING = ".zarr";

  /**
   * Caches by a model.
   *
   * @param named how the command line names the model
   */
  static EmbeddingCaches of(SamModel model, NamedModel named, Map<Path, Path> files) {
    String name = named.isFile() ? model.config().encoder().modelType() : named.name();
    return new EmbeddingCaches(
        new SamPredictor(model), CacheModel.of(model, name, named.hash()), files);
  }

  /**
   * A cache for each image.
   *
   * @param place for a single image the cache if it ends with .zarr; else the folder of the caches
   * @throws CommandException if two images would have the same cache, or one is its own
   */
  static Map<Path, Path> files(List<Path> images, Path place) {
    Map<Path, Path> files = new LinkedHashMap<>();
    boolean single = images.size() == 1 && place.toString().endsWith(ENDING);
    for (Path image : images) {
      Path cache = single ? place : place.resolve(SegmentTargets.stem(image) + ENDING);
      if (cache.toAbsolutePath().equals(image.toAbsolutePath())) {
        throw new CommandException(
            image + " is the image itself; name another place for its embeddings.");
      }
      files.forEach(
          (other, taken) -> {
            if (taken.equals(cache)) {
              throw new CommandException(
                  other + " and " + image + " would have the same cache: embed them apart.");
            }
          });
      files.put(image, cache);
    }
    return files;
  }

  /** The whole cache of an image, whose planes are slices of all frames, one after another. */
  EmbeddingCache fill(Path image, ImageFile file, CacheOptions options, PrecomputeListener heard) {
    int count = Math.multiplyExact(file.slices(), file.frames());
    ImagePlanes planes =
        count == 1
            ? ImagePlanes.of(file.plane())
            : ImagePlanes.ofStack(count, i -> file.plane(i % file.slices(), i / file.slices()));
    return EmbeddingCache.precompute(files.get(image), predictor, model, planes, options, heard);
  }
}
