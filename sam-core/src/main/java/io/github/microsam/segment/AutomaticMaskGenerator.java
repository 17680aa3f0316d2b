package io.github.microsam.segment;

import io.github.microsam.embedding.TileEmbeddings;
import io.github.microsam.image.ImageSource;
import io.github.microsam.image.Tiling;
import io.github.microsam.prompt.ImageEmbedding;
import io.github.microsam.prompt.Prediction;
import io.github.microsam.prompt.Prompt;
import io.github.microsam.prompt.SamPredictor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import net.imglib2.parallel.Parallelization;

/**
 * Automatic mask generation (AMG): prompts with a grid of points and keeps all masks. Works with
 * every model (Segment Anything's {@code SamAutomaticMaskGenerator}, micro-sam's {@code
 * AutomaticMaskGenerator} and its tiled variant).
 *
 * <pre>{@code
 * GridMasks masks = new AutomaticMaskGenerator(predictor, PointGridOptions.defaults())
 *     .initialize(ImageSource.of(image));                             // runs the networks
 * masks.segment(MaskSelectionOptions.defaults());                     // takes milliseconds
 * masks.segment(MaskSelectionOptions.defaults().withThresholds(0.7, 0.8));
 * }</pre>
 *
 * <p>Holds nothing of an image; threads may share it. Memory holds the logits of one batch of
 * points, and of masks only their run lengths.
 */
public final class AutomaticMaskGenerator {
  private static final double MASK_THRESHOLD = 0;

  private final SamPredictor predictor;
  private final PointGridOptions options;

  /**
   * A generator.
   *
   * @param predictor runs the prompts; its model must stay open
   * @param options which points
   */
  public AutomaticMaskGenerator(SamPredictor predictor, PointGridOptions options) {
    this.predictor = predictor;
    this.options = options;
  }

  /**
   * Finds the masks of an image and, if the options ask for them, of its crops, each of which is
   * embedded by itself.
   *
   * @param image of any size
   * @return the masks
   * @throws io.github.microsam.image.ImageException if a value of the image is not finite
   */
  public GridMasks initialize(ImageSource image) {
    return initialize(image, SegmentationListener.SILENT);
  }

  /**
   * Finds the masks of an image and of its crops.
   *
   * @param image of any size
   * @param listener is told of every batch of points
   * @return the masks
   * @throws io.github.microsam.image.ImageException if a value of the image is not finite
   */
  public GridMasks initialize(ImageSource image, SegmentationListener listener) {
    List<Crop> crops =
        Crop.layers(
            image.width(), image.height(), options.cropLayers(), options.cropOverlapRatio());
    return scan(
        image.width(),
        image.height(),
        crops,
        c -> predictor.embed(image.part(crops.get(c).region())),
        listener);
  }

  /**
   * Finds the masks of an image whose embedding exists, or of its tiles. Each tile with its halo
   * gets a grid of its own.
   *
   * @param tiles embeddings by the predictor's model
   * @param listener is told of every batch of points
   * @return the masks
   * @throws SegmentationException if the options ask for crops, which need the image
   * @throws io.github.microsam.prompt.PromptException if the embeddings are another model's
   */
  public GridMasks initialize(TileEmbeddings tiles, SegmentationListener listener) {
    if (options.cropLayers() > 0) {
      throw new SegmentationException(
          "Crops are embedded by themselves: give the image instead of its embeddings, or no crop"
              + " layers.");
    }
    Tiling tiling = tiles.tiling();
    int[] kept = IntStream.range(0, tiling.count()).filter(t -> !tiles.isSkipped(t)).toArray();
    return scan(
        tiling.width(),
        tiling.height(),
        Arrays.stream(kept).mapToObj(t -> new Crop(tiling.outer(t), 0)).toList(),
        c -> tiles.embedding(kept[c]),
        listener);
  }

  private GridMasks scan(
      int width,
      int height,
      List<Crop> crops,
      IntFunction<ImageEmbedding> embeddings,
      SegmentationListener listener) {
    ImageMemory.requireOneArray(width, height);
    LastEmbedding last = new LastEmbedding(embeddings);
    return GridScan.scan(
        width,
        height,
        crops,
        PointGrid.ofLayers(options),
        options.pointsPerBatch(),
        (crop, points) -> masks(last.of(crop), crops.get(crop).region(), points),
        listener);
  }

  private List<MaskCandidate> masks(
      ImageEmbedding embedding, Tiling.Region region, List<double[]> points) {
    List<List<Prediction>> predictions =
        predictor.candidates(
            embedding, points.stream().map(p -> Prompt.point(p[0], p[1])).toList());
    List<MaskCandidate[]> found = new ArrayList<>();
    predictions.forEach(p -> found.add(new MaskCandidate[p.size()]));
    List<int[]> all = new ArrayList<>();
    for (int p = 0; p < predictions.size(); p++) {
      for (int m = 0; m < predictions.get(p).size(); m++) {
        all.add(new int[] {p, m});
      }
    }
    Parallelization.getTaskExecutor()
        .forEach(
            all,
            i -> {
              double[] point = points.get(i[0]);
              Prediction prediction = predictions.get(i[0]).get(i[1]);
              found.get(i[0])[i[1]] = candidate(prediction, region, point);
            });
    return found.stream().flatMap(Arrays::stream).filter(m -> m != null).toList();
  }

  /** Null for an empty mask. */
  private MaskCandidate candidate(Prediction prediction, Tiling.Region region, double[] point) {
    MaskReading reading =
        MaskReading.of(
            prediction, region.x(), region.y(), MASK_THRESHOLD, options.stabilityOffset());
    return reading.mask().area() == 0
        ? null
        : new MaskCandidate(
            reading.mask(),
            prediction.iouPrediction(),
            reading.stability(),
            region.x() + point[0],
            region.y() + point[1]);
  }

  /** The embedding of the crop that is being scanned. */
  private static final class LastEmbedding {
    private final IntFunction<ImageEmbedding> embeddings;
    private int crop = -1;
    private ImageEmbedding embedding;

    LastEmbedding(IntFunction<ImageEmbedding> embeddings) {
      this.embeddings = embeddings;
    }

    ImageEmbedding of(int wanted) {
      if (wanted != crop) {
        embedding = embeddings.apply(wanted);
        crop = wanted;
      }
      return embedding;
    }
  }
}
