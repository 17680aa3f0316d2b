package io.github.microsam.embedding;

import io.github.microsam.zarr.ZarrFormat;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;

/**
 * How embeddings are computed and kept.
 *
 * @param tiles how planes are cut; not at all if empty
 * @param mask (x, y), for stacks also (x, y, z), of the image's size: tiles that with their halo
 *     are 0 everywhere in it are left out; needs tiles
 * @param format version of new caches
 */
public record CacheOptions(
    Optional<TileSize> tiles,
    Optional<RandomAccessibleInterval<? extends RealType<?>>> mask,
    ZarrFormat format) {

  /**
   * Size of tiles.
   *
   * @param width in pixels, without halo
   * @param height in pixels, without halo
   * @param haloX pixels added left and right
   * @param haloY pixels added above and below
   */
  public record TileSize(int width, int height, int haloX, int haloY) {}

  /**
   * Checks the settings.
   *
   * @param tiles or empty
   * @param mask or empty
   * @param format of new caches
   * @throws IllegalArgumentException for a mask without tiles
   */
  public CacheOptions {
    if (mask.isPresent() && tiles.isEmpty()) {
      throw new IllegalArgumentException("A mask leaves out tiles: say how the image is cut.");
    }
  }

  /**
   * Whole planes, in version 2 of Zarr, which micro-sam opens with any version of its Zarr library.
   *
   * @return the defaults
   */
  public static CacheOptions defaults() {
    return new CacheOptions(Optional.empty(), Optional.empty(), ZarrFormat.V2);
  }

  /**
   * With tiles.
   *
   * @param size of the tiles
   * @return these options but for that
   */
  public CacheOptions withTiles(TileSize size) {
    return new CacheOptions(Optional.of(size), mask, format);
  }

  /**
   * With a mask.
   *
   * @param pixels where objects may be
   * @return these options but for that
   * @throws IllegalArgumentException if there are no tiles
   */
  public CacheOptions withMask(RandomAccessibleInterval<? extends RealType<?>> pixels) {
    return new CacheOptions(tiles, Optional.of(pixels), format);
  }

  /**
   * With another version of Zarr.
   *
   * @param version of new caches
   * @return these options but for that
   */
  public CacheOptions withFormat(ZarrFormat version) {
    return new CacheOptions(tiles, mask, version);
  }
}
