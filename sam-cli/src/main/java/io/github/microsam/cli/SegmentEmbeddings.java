package io.github.microsam.cli;

import io.github.microsam.embedding.EmbeddingCache;
import io.github.microsam.embedding.PrecomputeListener;
import io.github.microsam.io.ImageFile;
import io.github.microsam.segment.InputChoice;
import io.github.microsam.zarr.ZarrFormat;
import java.nio.file.Path;
import java.util.Optional;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.type.numeric.RealType;

/**
 * Caches of embeddings that images are segmented with.
 *
 * @param caches of the images
 * @param promptable whether the embeddings are for prompts
 * @param tilesAreGiven whether a cache with other tiles than asked for is an error; else its own
 *     are taken
 */
record SegmentEmbeddings(EmbeddingCaches caches, boolean promptable, boolean tilesAreGiven) {

  /**
   * The whole cache of an image.
   *
   * @param direct how the image would be given to the model without a cache
   */
  EmbeddingCache fill(
      Path image,
      ImageFile file,
      InputChoice direct,
      Optional<? extends RandomAccessibleInterval<? extends RealType<?>>> mask,
      PrecomputeListener listener) {
    InputChoice input = tilesAreGiven ? direct : caches.asMade(image, file, direct, promptable);
    return caches.fill(image, file, input, mask, ZarrFormat.V2, listener);
  }
}
