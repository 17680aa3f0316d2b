package io.github.microsam.embedding;

import io.github.microsam.image.Tiling;
import io.github.microsam.prompt.ImageEmbedding;

/**
 * A whole image.
 *
 * @param whole its embedding
 */
record SingleTile(ImageEmbedding whole) implements TileEmbeddings {

  @Override
  public Tiling tiling() {
    int width = whole.transform().originalWidth();
    int height = whole.transform().originalHeight();
    return new Tiling(width, height, width, height, 0, 0);
  }

  @Override
  public boolean isSkipped(int tile) {
    return false;
  }

  @Override
  public ImageEmbedding embedding(int tile) {
    if (tile != 0) {
      throw new IndexOutOfBoundsException("tile " + tile + " of 1");
    }
    return whole;
  }
}
