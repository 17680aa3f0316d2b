package io.github.microsam.cli;

import io.github.microsam.embedding.CacheInput;
import io.github.microsam.embedding.CacheModel;
import io.github.microsam.embedding.CacheOptions;
import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.embedding.ImagePlanes;
import io.github.microsam.embedding.PrecomputeListener;
import io.github.microsam.image.Tiling;
import io.github.microsam.io.ImageFile;
import io.github.microsam.model.SamModel;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.segment.InputChoice;
import io.github.microsam.segment.Tiles;
import io.github.microsam.zarr.ZarrFormat;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;

/**
 * The caches of images' embeddings, which are filled when they are asked for.
 *
 * @param model embeds
 * @param name what caches call the model
 * @param hash of the model's file
 * @param files the cache of each image
 */
record EmbeddingCaches(SamModel model, String name, Optional<String> hash, Map<Path, Path> files) {
  private static final String ENDING = ".zarr";

  /**
   * Caches by a model.
   *
   * @param named how the command line names the model
   */
  static EmbeddingCaches of(SamModel model, NamedModel named, Map<Path, Path> files) {
    String name = named.isFile() ? model.config().encoder().modelType() : named.name();
    return new EmbeddingCaches(model, name, named.hash(), files);
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

  /**
   * How an image's cache was made; else how one is to be made.
   *
   * @param promptable whether the embeddings are for prompts, which know inputs of the trained size
   * @throws CommandException if the cache cannot be used so
   */
  InputChoice asMade(Path image, ImageFile file, InputChoice otherwise, boolean promptable) {
    Path cache = files.get(image);
    CacheModel own = CacheModel.of(model, name, hash);
    return CacheInput.of(cache, own)
        .map(
            made -> {
              requireUsable(cache, file, made, promptable);
              return new InputChoice(
                  model.resized(made.imageSize()),
                  made.tiles()
                      .<Tiles>map(t -> new Tiles.Fixed(t.width(), t.height(), t.haloX(), t.haloY()))
                      .orElseGet(Tiles.Whole::new)
                      .of(file.width(), file.height()));
            })
        .orElse(otherwise);
  }

  private void requireUsable(Path cache, ImageFile file, CacheInput made, boolean promptable) {
    int trained = model.config().encoder().imageSize();
    if (promptable && made.imageSize() != trained) {
      throw new CommandException(
          "%s was made for mode ais, of inputs of %d x %2$d pixels; prompts need %d x %3$d. Name another cache, which microsam embed --mode apg makes."
              .formatted(cache, made.imageSize(), trained));
    }
    if (model.options().nativeResolution()
        && made.tiles().isEmpty()
        && Math.max(file.width(), file.height()) > made.imageSize()) {
      throw new CommandException(
          "%s holds an image of %d x %d pixels that was not cut into tiles; the model sees %d x %4$d at their own size, and was given all of it shrunk. Name another cache, or say --tile none if that is meant."
              .formatted(cache, file.width(), file.height(), made.imageSize()));
    }
  }

  /**
   * The whole cache of an image, whose planes are slices of all frames, one after another.
   *
   * @param input how planes are given to the model
   * @param mask leaves out tiles, if there are any
   * @param format of a new cache
   */
  EmbeddingCache fill(
      Path image,
      ImageFile file,
      InputChoice input,
      Optional<? extends RandomAccessibleInterval<? extends RealType<?>>> mask,
      ZarrFormat format,
      PrecomputeListener heard) {
    int count = Math.multiplyExact(file.slices(), file.frames());
    ImagePlanes planes =
        count == 1
            ? ImagePlanes.of(file.plane())
            : ImagePlanes.ofStack(count, i -> file.plane(i % file.slices(), i / file.slices()));
    return EmbeddingCache.precompute(
        files.get(image),
        new SamPredictor(input.model()),
        CacheModel.of(input.model(), name, hash),
        planes,
        options(input.tiling(), mask).withFormat(format),
        heard);
  }

  private static CacheOptions options(
      Tiling tiling, Optional<? extends RandomAccessibleInterval<? extends RealType<?>>> mask) {
    CacheOptions whole = CacheOptions.defaults();
    if (tiling.equals(new Tiles.Whole().of(tiling.width(), tiling.height()))) {
      return whole;
    }
    CacheOptions tiled =
        whole.withTiles(
            new CacheOptions.TileSize(
                tiling.tileWidth(), tiling.tileHeight(), tiling.haloX(), tiling.haloY()));
    return mask.isPresent() ? tiled.withMask(mask.get()) : tiled;
  }
}
