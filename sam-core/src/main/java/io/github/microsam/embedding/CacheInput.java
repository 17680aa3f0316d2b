package io.github.microsam.embedding;

import com.google.gson.JsonObject;
import io.github.microsam.zarr.ZarrGroup;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the planes of a cache were given to the image encoder.
 *
 * @param tiles how planes are cut; not at all if empty
 * @param imageSize side of the encoder's input in pixels
 */
public record CacheInput(Optional<CacheOptions.TileSize> tiles, int imageSize) {

  /**
   * What a cache tells, complete or not.
   *
   * @param cache where one may be
   * @param model that is to be used with it
   * @return empty if there is no cache
   * @throws CacheException if another model made it, or what it tells is damaged
   */
  public static Optional<CacheInput> of(Path cache, CacheModel model) {
    return EmbeddingCache.told(cache, () -> ZarrGroup.find(cache).map(g -> read(g, model)));
  }

  private static CacheInput read(ZarrGroup group, CacheModel model) {
    JsonObject attributes = group.attributes();
    CacheKey.checkModel(group.path(), attributes, model);
    return new CacheInput(CacheKey.tiles(attributes), CacheKey.imageSize(attributes, model));
  }
}
