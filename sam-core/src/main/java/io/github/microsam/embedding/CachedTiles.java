package io.github.microsam.embedding;

import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.Tiling;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.zarr.ZarrArray;
import io.github.microsam.zarr.ZarrException;
import java.nio.file.Path;
import java.util.Arrays;

/** Embeddings that are read from a cache when they are asked for. */
final class CachedTiles implements TileEmbeddings {
  private final Path cache;
  private final CacheLayout layout;
  private final int slice;
  private final CacheModel model;
  private final boolean[] skipped;

  CachedTiles(Path cache, CacheLayout layout, int slice, CacheModel model) {
    this.cache = cache;
    this.layout = layout;
    this.slice = slice;
    this.model = model;
    int count = layout.tiling().count();
    skipped =
        layout
            .tiles()
            .map(group -> CacheLayout.skipped(group.attributes(), slice, count))
            .orElseGet(() -> new boolean[count]);
  }

  @Override
  public Tiling tiling() {
    return layout.tiling();
  }

  @Override
  public boolean isSkipped(int tile) {
    return skipped[tile];
  }

  @Override
  public ImageEmbedding embedding(int tile) {
    if (skipped[tile]) {
      throw new IllegalArgumentException(
          "Tile " + tile + " of " + cache + " was left out: the mask has no pixel there.");
    }
    return EmbeddingCache.told(cache, () -> read(tile));
  }

  private ImageEmbedding read(int tile) {
    ZarrArray array =
        layout
            .whole()
            .orElseGet(
                () ->
                    EmbeddingCache.required(layout.tiles().orElseThrow(), Integer.toString(tile)));
    CoordinateTransform sizes =
        layout.sizes().orElseGet(() -> CacheLayout.sizes(array.attributes()));
    long[] shape = array.shape();
    int n = shape.length;
    if (n != (layout.isStack() ? 5 : 4) || shape[n - 4] != 1) {
      throw new ZarrException("an array of " + Arrays.toString(shape));
    }
    long[] offset = new long[n];
    int[] size = new int[n];
    for (int d = 0; d < n; d++) {
      size[d] = d < n - 3 ? 1 : Math.toIntExact(shape[d]);
    }
    if (layout.isStack()) {
      offset[0] = slice;
      if (!array.hasChunk(slice, 0, 0, 0, 0)) {
        throw new ZarrException(
            "the embedding of tile " + tile + ", slice " + slice + " is missing");
      }
    }
    return new ImageEmbedding(
        array.readFloats(offset, size),
        Math.toIntExact(shape[n - 3]),
        model.imageSize(),
        sizes,
        model.fingerprint());
  }
}
