package io.github.microsam.segment;

import io.github.microsam.image.Tiling;

/** Whether an image is cut into tiles, and how. */
public sealed interface Tiles {

  /**
   * How an image is cut.
   *
   * @param width of the image in pixels
   * @param height of the image in pixels
   * @return one tile for an image that stays whole
   */
  Tiling of(int width, int height);

  /** Images stay whole, whatever their size. */
  record Whole() implements Tiles {
    @Override
    public Tiling of(int width, int height) {
      return new Tiling(width, height, width, height, 0, 0);
    }
  }

  /**
   * All images are cut.
   *
   * @param tileWidth width of a tile without halo
   * @param tileHeight height of a tile without halo
   * @param haloX pixels added left and right
   * @param haloY pixels added above and below
   */
  record Fixed(int tileWidth, int tileHeight, int haloX, int haloY) implements Tiles {
    /**
     * Checks the sizes.
     *
     * @param tileWidth at least 1
     * @param tileHeight at least 1
     * @param haloX at least 0
     * @param haloY at least 0
     * @throws SegmentationException if one is too small
     */
    public Fixed {
      Checks.atLeast("width of tiles", tileWidth, 1);
      Checks.atLeast("height of tiles", tileHeight, 1);
      Checks.atLeast("halo", Math.min(haloX, haloY), 0);
    }

    @Override
    public Tiling of(int width, int height) {
      return new Tiling(width, height, tileWidth, tileHeight, haloX, haloY);
    }
  }

  /**
   * Images are cut where they are larger than what the model sees well at once. Tiles are then made
   * as equal in size as they can be, so that no small rest is magnified.
   *
   * @param largestWhole longest side of an image that stays whole
   * @param tile largest side of a tile without halo
   * @param halo pixels added on each side
   */
  record Automatic(int largestWhole, int tile, int halo) implements Tiles {
    /**
     * Checks the sizes.
     *
     * @param largestWhole at least 1
     * @param tile at least 1
     * @param halo at least 0
     * @throws SegmentationException if one is too small
     */
    public Automatic {
      Checks.atLeast("longest side of whole images", largestWhole, 1);
      Checks.atLeast("side of tiles", tile, 1);
      Checks.atLeast("halo", halo, 0);
    }

    @Override
    public Tiling of(int width, int height) {
      return Math.max(width, height) <= largestWhole
          ? new Whole().of(width, height)
          : new Tiling(width, height, even(width), even(height), halo, halo);
    }

    private int even(int side) {
      int tiles = (side - 1) / tile + 1;
      return (side - 1) / tiles + 1;
    }
  }
}
