package io.github.microsam.image;

/**
 * Tiles that cover an image, each with a halo that it shares with its neighbours. Tiles are
 * numbered row by row from the top left; the last ones of a row or column are smaller where the
 * size is no multiple; halos are cut at the image's border. micro-sam's blocking, where tile shape
 * and halo are given as (y, x): here it is (x, y).
 *
 * @param width width of the image in pixels
 * @param height height of the image in pixels
 * @param tileWidth width of a tile without halo
 * @param tileHeight height of a tile without halo
 * @param haloX pixels added left and right
 * @param haloY pixels added above and below
 */
public record Tiling(int width, int height, int tileWidth, int tileHeight, int haloX, int haloY) {

  /**
   * Checks the sizes.
   *
   * @param width at least 1
   * @param height at least 1
   * @param tileWidth at least 1
   * @param tileHeight at least 1
   * @param haloX at least 0
   * @param haloY at least 0
   * @throws IllegalArgumentException if a size is below 1 or a halo below 0
   */
  public Tiling {
    if (width < 1 || height < 1 || tileWidth < 1 || tileHeight < 1 || haloX < 0 || haloY < 0) {
      throw new IllegalArgumentException(
          "An image of %d x %d cannot be cut into tiles of %d x %d with halo %d x %d"
              .formatted(width, height, tileWidth, tileHeight, haloX, haloY));
    }
  }

  /**
   * Square tiles.
   *
   * @param width width of the image in pixels
   * @param height height of the image in pixels
   * @param tile side of a tile without halo
   * @param halo pixels added on each side
   * @return the tiling
   */
  public static Tiling square(int width, int height, int tile, int halo) {
    return new Tiling(width, height, tile, tile, halo, halo);
  }

  /**
   * A rectangle of pixels.
   *
   * @param x left column
   * @param y top row
   * @param width number of columns
   * @param height number of rows
   */
  public record Region(int x, int y, int width, int height) {

    /**
     * Whether a pixel is inside.
     *
     * @param px its column
     * @param py its row
     * @return true from the left column and top row on, before {@code x + width} and {@code y +
     *     height}
     */
    public boolean contains(int px, int py) {
      return px >= x && px < x + width && py >= y && py < y + height;
    }
  }

  /**
   * Number of tiles in a row.
   *
   * @return at least 1
   */
  public int columns() {
    return (width - 1) / tileWidth + 1;
  }

  /**
   * Number of tiles in a column.
   *
   * @return at least 1
   */
  public int rows() {
    return (height - 1) / tileHeight + 1;
  }

  /**
   * Number of tiles.
   *
   * @return columns times rows
   */
  public int count() {
    return Math.multiplyExact(columns(), rows());
  }

  /**
   * A tile without its halo. These cover every pixel of the image once.
   *
   * @param tile its number, from 0
   * @return in coordinates of the image
   * @throws IndexOutOfBoundsException if there is no such tile
   */
  public Region inner(int tile) {
    if (tile < 0 || tile >= count()) {
      throw new IndexOutOfBoundsException("tile " + tile + " of " + count());
    }
    int x = tile % columns() * tileWidth;
    int y = tile / columns() * tileHeight;
    return new Region(x, y, Math.min(tileWidth, width - x), Math.min(tileHeight, height - y));
  }

  /**
   * A tile with its halo, cut at the border of the image.
   *
   * @param tile its number, from 0
   * @return in coordinates of the image
   * @throws IndexOutOfBoundsException if there is no such tile
   */
  public Region outer(int tile) {
    Region inner = inner(tile);
    int x = Math.max(0, inner.x - haloX);
    int y = Math.max(0, inner.y - haloY);
    int right = (int) Math.min(width, (long) inner.x + inner.width + haloX);
    int bottom = (int) Math.min(height, (long) inner.y + inner.height + haloY);
    return new Region(x, y, right - x, bottom - y);
  }

  /**
   * A tile without its halo, seen from the tile with it.
   *
   * @param tile its number, from 0
   * @return in coordinates of {@link #outer(int)}
   * @throws IndexOutOfBoundsException if there is no such tile
   */
  public Region innerInOuter(int tile) {
    Region inner = inner(tile);
    Region outer = outer(tile);
    return new Region(inner.x - outer.x, inner.y - outer.y, inner.width, inner.height);
  }
}
