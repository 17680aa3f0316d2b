package io.github.microsam.segment;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.engine.Engine;
import io.github.microsam.image.MaskUpscaling;
import io.github.microsam.model.SamModel;
import io.github.microsam.model.UnetrDecoder;
import io.github.microsam.prompt.ImageEmbedding;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs a model's decoder for automatic segmentation on embeddings. Each tile is decoded with its
 * halo and gives the maps of what it alone covers, as in micro-sam. Threads may share it; the model
 * must stay open.
 */
public final class MapDecoder {
  private static final int MAPS = MapStitching.MAPS;

  private final SamModel model;

  /**
   * The decoder of a model.
   *
   * @param model an open model, which stays the caller's
   * @throws SegmentationException if the model has no such decoder, or one for other maps
   */
  public MapDecoder(SamModel model) {
    this.model = model;
    requireIn(model);
  }

  static void requireIn(SamModel model) {
    if (model.unetr().isEmpty()) {
      throw new SegmentationException(
          "The model has no decoder for automatic segmentation: use mode AMG, or a model with a"
              + " decoder such as vit_b_lm.");
    }
    int channels = model.config().unetr().orElseThrow().outChannels();
    if (channels != MAPS) {
      throw new SegmentationException(
          "The model's decoder gives %d maps; expected foreground, centre and boundary distances."
              .formatted(channels));
    }
  }

  /** The decoder for embeddings of an input of that size. */
  private Engine unetr(int imageSize) {
    return model.resized(imageSize).unetr().orElseThrow();
  }

  /**
   * The maps of a whole image.
   *
   * @param embedding of the image, by this model or the same one {@linkplain SamModel#resized with
   *     an input of another size}
   * @return maps of the size of the image
   * @throws SegmentationException if the embedding is another model's
   */
  public DistanceMaps maps(ImageEmbedding embedding) {
    return maps(TileEmbeddings.of(embedding), SegmentationListener.SILENT);
  }

  /**
   * The maps of an image in tiles. Where tiles are skipped is background.
   *
   * @param tiles embeddings by this model
   * @param listener is told of every tile
   * @return maps of the size of the image
   * @throws SegmentationException if the embeddings are another model's, or the image has more than
   *     2<sup>31</sup> − 9 pixels
   */
  public DistanceMaps maps(TileEmbeddings tiles, SegmentationListener listener) {
    return MapStitching.stitch(
        tiles.tiling(), tiles::isSkipped, t -> decode(tiles.embedding(t)), listener);
  }

  /** Maps at the size of the embedded image, [3, height, width]. */
  private float[] decode(ImageEmbedding embedding) {
    if (!embedding.fingerprint().equals(model.encoderFingerprint())) {
      throw new SegmentationException(
          "The embedding was made by another model. Embed the image with this one.");
    }
    int side = embedding.side();
    float[] maps;
    int mapSide;
    try (INDArray features =
            Nd4j.create(embedding.features(), new long[] {1, embedding.channels(), side, side});
        INDArray out =
            unetr(embedding.imageSize())
                .run(Map.of(UnetrDecoder.EMBEDDING, features), List.of(UnetrDecoder.MAPS))
                .get(UnetrDecoder.MAPS)) {
      mapSide = Math.toIntExact(out.size(3));
      maps = new float[Math.toIntExact(out.length())];
      out.data().asNioFloat().get(maps);
    }
    return new MaskUpscaling(mapSide, embedding.imageSize(), embedding.transform()).logits(maps);
  }
}
