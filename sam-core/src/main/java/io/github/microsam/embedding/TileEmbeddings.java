package io.github.microsam.embedding;

import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.SamPredictor;

/**
 * The embeddings of the tiles of one image: in memory, or read from a cache when asked. An image
 * that is not cut is one tile.
 *
 * <p>Implementations let several threads ask at once.
 */
public interface TileEmbeddings {
  /**
   * How the image is cut.
   *
   * @return the tiling, which knows the image's size
   */
  Tiling tiling();

  /**
   * Whether a tile was left out, because a mask says that there is nothing to segment.
   *
   * @param tile its number, from 0
   * @return true if it has no embedding
   */
  boolean isSkipped(int tile);

  /**
   * The embedding of a tile with its halo: of the image's part {@code tiling().outer(tile)}.
   *
   * @param tile its number, from 0, of a tile that is not skipped
   * @return the embedding
   * @throws IllegalArgumentException if the tile is skipped
   */
  ImageEmbedding embedding(int tile);

  /**
   * The embedding of a whole image as that of its only tile.
   *
   * @param embedding of the image
   * @return one tile without halo
   */
  static TileEmbeddings of(ImageEmbedding embedding) {
    return new SingleTile(embedding);
  }

  /**
   * Embeddings that are computed when asked for. As many as an eighth of Java's memory holds are
   * kept, at least one, those that were asked for last: going through the tiles in their order
   * encodes each once, whatever their number.
   *
   * @param predictor encodes the tiles; its model must stay open
   * @param image is read when a tile is encoded; each tile is prepared on its own, with its own
   *     contrast, as micro-sam does
   * @param tiling of the image
   * @return the embeddings
   * @throws IllegalArgumentException if the tiling is of another size than the image
   */
  static TileEmbeddings compute(SamPredictor predictor, ImageSource image, Tiling tiling) {
    return new ComputedTiles(predictor, image, tiling);
  }
}
