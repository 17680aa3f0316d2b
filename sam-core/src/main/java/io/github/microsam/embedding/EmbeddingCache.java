package io.github.microsam.embedding;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.microsam.image.Tiling;
import io.github.microsam.prompt.SamPredictor;
import io.github.microsam.zarr.ZarrArray;
import io.github.microsam.zarr.ZarrException;
import io.github.microsam.zarr.ZarrGroup;
import java.nio.file.Path;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;

/**
 * Embeddings in a folder, a Zarr group as micro-sam writes and opens it.
 *
 * <pre>{@code
 * EmbeddingCache cache =
 *     EmbeddingCache.precompute(
 *         Path.of("cells.zarr"), predictor, CacheModel.of(model), ImagePlanes.of(image),
 *         CacheOptions.defaults(), PrecomputeListener.SILENT);
 * TileEmbeddings embeddings = cache.embeddings();
 * }</pre>
 *
 * <p>Embeddings are read when they are asked for. What a computation that was ended has left is
 * taken up where it stopped. Threads and processes may fill one cache at the same time: each
 * embedding is there whole or not at all. Immutable.
 */
public final class EmbeddingCache {
  private static final String STATES = "microsam_state";

  private final ZarrGroup group;
  private final CacheModel model;

  EmbeddingCache(ZarrGroup group, CacheModel model) {
    this.group = group;
    this.model = model;
  }

  /**
   * Opens a cache, this library's or micro-sam's.
   *
   * @param path the folder
   * @param model that is to be used with the embeddings, which may be of inputs of another size
   * @return the cache, which is complete
   * @throws CacheException if there is none, it is not complete, another model made it, or it is
   *     damaged
   */
  public static EmbeddingCache open(Path path, CacheModel model) {
    ZarrGroup group =
        told(path, () -> ZarrGroup.find(path))
            .orElseThrow(
                () ->
                    new CacheException(
                        path + " is no cache of embeddings, expected a Zarr group."));
    JsonObject attributes = told(path, group::attributes);
    CacheKey.checkModel(path, attributes, model);
    if (!CacheLayout.isComplete(attributes)) {
      throw new CacheException(
          path + " is not complete: compute its embeddings again, which goes on where it stopped.");
    }
    return new EmbeddingCache(group, model.withImageSize(CacheKey.imageSize(attributes, model)));
  }

  /**
   * Computes the embeddings that a cache lacks.
   *
   * @param path the folder; made if it is missing
   * @param predictor of the model
   * @param model what the cache tells of the model
   * @param image what is embedded
   * @param options tiles and mask
   * @param listener is told how far it is
   * @return the complete cache
   * @throws CacheException if the cache holds embeddings of other data, tiles, inputs or another
   *     model
   * @throws io.github.microsam.image.ImageException if the image cannot be embedded
   * @throws java.io.UncheckedIOException if the cache cannot be written
   */
  public static EmbeddingCache precompute(
      Path path,
      SamPredictor predictor,
      CacheModel model,
      ImagePlanes image,
      CacheOptions options,
      PrecomputeListener listener) {
    return told(
        path, () -> new CacheFilling(path, predictor, model, image, options).fill(listener));
  }

  interface Reading<T> {
    T read();
  }

  /** Errors of the format become errors of the cache. */
  static <T> T told(Path path, Reading<T> reading) {
    try {
      return reading.read();
    } catch (ZarrException e) {
      throw new CacheException(
          "The cache %s cannot be used: %s".formatted(path, e.getMessage()), e);
    }
  }

  /**
   * Where the cache is.
   *
   * @return its folder
   */
  public Path path() {
    return group.path();
  }

  /**
   * What the pixels were.
   *
   * @return {@link ImagePlanes#signature()}; empty if the cache does not tell
   */
  public Optional<String> dataSignature() {
    return Optional.ofNullable(group.attributes().get("data_signature"))
        .filter(JsonElement::isJsonPrimitive)
        .map(JsonElement::getAsString);
  }

  /**
   * Checks what was embedded.
   *
   * @param image that the embeddings are to be used with
   * @throws CacheException if they are of other pixels, or of these in another arrangement
   */
  public void requireImage(ImagePlanes image) {
    String expected = image.signature();
    dataSignature()
        .filter(found -> !found.equals(expected))
        .ifPresent(
            found -> {
              throw new CacheException(
                  "%s holds the embeddings of another image: its data_signature is %s, expected %s."
                      .formatted(path(), found, expected));
            });
    Tiling found = embeddings(0).tiling();
    RandomAccessibleInterval<?> plane = image.plane(0);
    if (found.width() != plane.dimension(0)
        || found.height() != plane.dimension(1)
        || isStack() != image.isStack()
        || slices() != image.count()) {
      throw new CacheException(
          "%s holds the embeddings of another image: of %d x %d x %d pixels, expected %d x %d x %d."
              .formatted(
                  path(),
                  found.width(),
                  found.height(),
                  slices(),
                  plane.dimension(0),
                  plane.dimension(1),
                  image.count()));
    }
  }

  /**
   * Side of the encoder's input.
   *
   * @return pixels, 1024 for published models
   */
  public int imageSize() {
    return model.imageSize();
  }

  /**
   * Whether the embeddings are those of a stack.
   *
   * @return false for a single image
   */
  public boolean isStack() {
    return told(path(), () -> CacheLayout.of(group).isStack());
  }

  /**
   * Number of slices.
   *
   * @return 1 for an image
   */
  public int slices() {
    return told(path(), () -> CacheLayout.of(group).slices());
  }

  /**
   * The embeddings of an image.
   *
   * @return a single tile if it was not cut
   * @throws CacheException if they are of a stack, or damaged
   */
  public TileEmbeddings embeddings() {
    if (isStack()) {
      throw new CacheException(
          "%s holds the embeddings of a stack of %d slices: say which slice."
              .formatted(path(), slices()));
    }
    return embeddings(0);
  }

  /**
   * The embeddings of a slice.
   *
   * @param slice its number, from 0
   * @return a single tile if it was not cut
   * @throws CacheException if the cache is damaged
   */
  public TileEmbeddings embeddings(int slice) {
    return told(
        path(),
        () -> {
          CacheLayout layout = CacheLayout.of(group);
          if (slice < 0 || slice >= layout.slices()) {
            throw new IndexOutOfBoundsException("slice " + slice + " of " + layout.slices());
          }
          return new CachedTiles(group.path(), layout, slice, model);
        });
  }

  /**
   * Where a segmenter may keep a state of its own beside the embeddings, with what it computed from
   * them. micro-sam does not look there.
   *
   * @param name what the state is, a file's name
   * @return a file in the cache's folder {@code microsam_state}, which need not exist yet
   */
  public Path stateFile(String name) {
    return group.path().resolve(STATES).resolve(name);
  }

  /** (y, x) of an attribute. */
  static long[] pair(JsonObject attributes, String key) {
    JsonElement value = attributes.get(key);
    if (value == null || !value.isJsonArray() || value.getAsJsonArray().size() != 2) {
      throw new ZarrException(
          "its attribute %s is %s, expected a height and a width".formatted(key, value));
    }
    JsonArray pair = value.getAsJsonArray();
    return new long[] {pair.get(0).getAsLong(), pair.get(1).getAsLong()};
  }

  /** A tiling from sizes in (y, x). */
  static Tiling tiling(long[] shape, long[] tile, long[] halo) {
    return new Tiling(
        (int) shape[1], (int) shape[0], (int) tile[1], (int) tile[0], (int) halo[1], (int) halo[0]);
  }

  /** An array that must be there. */
  static ZarrArray required(ZarrGroup group, String name) {
    return group
        .array(name)
        .orElseThrow(() -> new ZarrException(group.path() + " lacks the array " + name));
  }
}
