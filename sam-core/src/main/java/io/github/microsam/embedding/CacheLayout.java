package io.github.microsam.embedding;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.microsam.image.CoordinateTransform;
import io.github.microsam.image.Tiling;
import io.github.microsam.zarr.ZarrArray;
import io.github.microsam.zarr.ZarrException;
import io.github.microsam.zarr.ZarrGroup;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where micro-sam puts what (reference §5.1): an array {@code features}, or, if planes are cut, a
 * group of that name with an array for each tile.
 *
 * @param whole the embeddings of whole planes, (1, 256, 64, 64), or (slices, 1, 256, 64, 64)
 * @param tiles the embeddings of tiles, each array as one of whole planes
 * @param tiling how planes are cut
 * @param stackSlices number of slices, 0 if it is no stack
 * @param sizes of a whole plane and of the encoder's input
 */
record CacheLayout(
    Optional<ZarrArray> whole,
    Optional<ZarrGroup> tiles,
    Tiling tiling,
    int stackSlices,
    Optional<CoordinateTransform> sizes) {

  static final String FEATURES = "features";
  static final String SHAPE = "shape";
  static final String ORIGINAL_SIZE = "original_size";
  static final String TILES_IN_MASK = "tiles_in_mask";
  private static final int STACK_AXES = 5;

  static boolean isComplete(JsonObject attributes) {
    return attributes.has("input_size");
  }

  static CacheLayout of(ZarrGroup group) {
    Optional<ZarrGroup> tiles = group.group(FEATURES);
    if (tiles.isPresent()) {
      JsonObject attributes = tiles.get().attributes();
      Tiling tiling =
          EmbeddingCache.tiling(
              EmbeddingCache.pair(attributes, SHAPE),
              EmbeddingCache.pair(attributes, CacheKey.TILE_SHAPE),
              EmbeddingCache.pair(attributes, CacheKey.HALO));
      int slices = firstTile(tiles.get(), tiling).map(CacheLayout::slices).orElse(0);
      return new CacheLayout(Optional.empty(), tiles, tiling, slices, Optional.empty());
    }
    ZarrArray whole = EmbeddingCache.required(group, FEATURES);
    CoordinateTransform sizes = sizes(group.attributes());
    int width = sizes.originalWidth();
    int height = sizes.originalHeight();
    return new CacheLayout(
        Optional.of(whole),
        Optional.empty(),
        new Tiling(width, height, width, height, 0, 0),
        slices(whole),
        Optional.of(sizes));
  }

  /** The embeddings of the first tile that has some; tiles are alike. */
  static Optional<ZarrArray> firstTile(ZarrGroup tiles, Tiling tiling) {
    return IntStream.range(0, tiling.count())
        .mapToObj(t -> tiles.array(Integer.toString(t)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** 0 if it is no stack. */
  static int slices(ZarrArray array) {
    long[] shape = array.shape();
    return shape.length == STACK_AXES ? Math.toIntExact(shape[0]) : 0;
  }

  static CoordinateTransform sizes(JsonObject attributes) {
    long[] from = EmbeddingCache.pair(attributes, ORIGINAL_SIZE);
    long[] to = EmbeddingCache.pair(attributes, "input_size");
    return new CoordinateTransform((int) from[1], (int) from[0], (int) to[1], (int) to[0]);
  }

  /**
   * Which tiles a mask left out, by what the group of the tiles tells: nothing, or a list of those
   * that it has, in a stack one for each slice.
   */
  static boolean[] skipped(JsonObject attributes, int slice, int count) {
    boolean[] skipped = new boolean[count];
    JsonElement inMask = attributes.get(TILES_IN_MASK);
    if (inMask == null || inMask.isJsonNull()) {
      return skipped;
    }
    Arrays.fill(skipped, true);
    JsonElement tiles =
        inMask.isJsonObject() ? inMask.getAsJsonObject().get(Integer.toString(slice)) : inMask;
    if (tiles == null) {
      return skipped;
    }
    for (JsonElement tile : tiles.getAsJsonArray()) {
      if (tile.getAsInt() < 0 || tile.getAsInt() >= count) {
        throw new ZarrException("it tells of a tile " + tile + " of " + count);
      }
      skipped[tile.getAsInt()] = false;
    }
    return skipped;
  }

  boolean isStack() {
    return stackSlices > 0;
  }

  int slices() {
    return Math.max(1, stackSlices);
  }
}
