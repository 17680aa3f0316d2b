package io.github.microsam.cli;

import io.github.microsam.embedding.CacheOptions;
import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.embedding.PrecomputeListener;
import io.github.microsam.image.Tiling;
import io.github.microsam.io.ImageFile;
import io.github.microsam.segment.Tiles;
import java.nio.file.Path;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;

/**
 * Caches of embeddings that images are segmented with.
 *
 * @param caches of the images
 * @param tilesAreGiven whether a cache with other tiles than asked for is an error; else its own
 *     are taken
 */
record SegmentEmbeddings(EmbeddingCaches caches, boolean tilesAreGiven) {

  EmbeddingCache fill(
      Path image,
      ImageFile file,
      Tiles tiles,
      Optional<? extends RandomAccessibleInterval<? extends RealType<?>>> mask,
      PrecomputeListener listener) {
    CacheOptions wanted = options(tiles, file.width(), file.height());
    CacheOptions used = tilesAreGiven ? wanted : wanted.withTilesOf(caches.files().get(image));
    if (mask.isPresent() && used.tiles().isPresent()) {
      used = used.withMask(mask.get());
    }
    return caches.fill(image, file, used, listener);
  }

  private static CacheOptions options(Tiles tiles, int width, int height) {
    Tiling tiling = tiles.of(width, height);
    return tiling.equals(new Tiles.Whole().of(width, height))
        ? CacheOptions.defaults()
        : CacheOptions.defaults()
            .withTiles(
                new CacheOptions.TileSize(
                    tiling.tileWidth(), tiling.tileHeight(), tiling.haloX(), tiling.haloY()));
  }
}
