package io.github.microsam.embedding;

import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.SamPredictor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Embeddings that are computed when asked for, of which the last few are kept. */
final class ComputedTiles implements TileEmbeddings {
  /** Share of Java's memory that embeddings are kept in. */
  private static final int SHARE = 8;

  private final SamPredictor predictor;
  private final ImageSource image;
  private final Tiling tiling;

  /** By tile; the one that was used least recently comes first. */
  private final Map<Integer, ImageEmbedding> kept = new LinkedHashMap<>(16, 0.75f, true);

  ComputedTiles(SamPredictor predictor, ImageSource image, Tiling tiling) {
    if (tiling.width() != image.width() || tiling.height() != image.height()) {
      throw new IllegalArgumentException(
          "a tiling of %d x %d pixels for an image of %d x %d"
              .formatted(tiling.width(), tiling.height(), image.width(), image.height()));
    }
    this.predictor = predictor;
    this.image = image;
    this.tiling = tiling;
  }

  @Override
  public Tiling tiling() {
    return tiling;
  }

  @Override
  public boolean isSkipped(int tile) {
    return false;
  }

  @Override
  public synchronized ImageEmbedding embedding(int tile) {
    ImageEmbedding known = kept.get(tile);
    if (known != null) {
      return known;
    }
    ImageEmbedding made = predictor.embed(image.part(tiling.outer(tile)));
    long bytes = 4L * made.features().length;
    if ((kept.size() + 1) * bytes > Runtime.getRuntime().maxMemory() / SHARE && !kept.isEmpty()) {
      kept.remove(kept.keySet().iterator().next());
    }
    kept.put(tile, made);
    return made;
  }
}
